// What a counterparty needs of a service provider's metadata.

/** Reads it as published: no parser, since both writers are known and any surprise shows as a failed case. */
export function readServiceProvider(xml) {
  const tags = (name) => [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}\\b([^>]*?)(?:/>|>([\\s\\S]*?)</(?:\\w+:)?${name}>)`, 'g'))]
    .map(([, head, inside]) => ({ head: Object.fromEntries([...head.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, key, value]) => [key, value])), inside }));
  const keys = tags('KeyDescriptor').map(({ head, inside }) => ({
    use: head.use, certificate: /<(?:\w+:)?X509Certificate>([\s\S]*?)</.exec(inside)[1].replace(/\s+/g, ''),
  }));
  const of = (use) => keys.filter((key) => !key.use || key.use === use).map((key) => key.certificate);
  const acs = tags('AssertionConsumerService').find(({ head }) => head.Binding.endsWith(':HTTP-POST'));
  const logout = Object.fromEntries(tags('SingleLogoutService')
    .map(({ head }) => [head.Binding.split('-').at(-1).toLowerCase(), head.Location]));
  return {
    xml, entityId: /entityID="([^"]*)"/.exec(xml)[1], acs: acs.head.Location, logout: logout.redirect, logoutByPost: logout.post,
    signing: of('signing'), encryption: of('encryption'),
  };
}
