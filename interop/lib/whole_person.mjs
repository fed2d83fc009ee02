// What the upstream of the OpenID Foundation's suite knows more than other upstreams: every standard claim of a person
// (OpenID Core 5.1), and how it was proved (`acr`). Then a warning of the suite is about Symbolon, not about the upstream.
// The suite takes no birthdate before 1900.

/** Scopes, and which claims they bring upstream. */
export const CLAIMS = {
  profile: [
    'name', 'given_name', 'family_name', 'middle_name', 'nickname', 'profile', 'picture', 'website', 'gender', 'birthdate',
    'zoneinfo', 'locale', 'preferred_username',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
};
export const SCOPE = ['openid', ...Object.keys(CLAIMS)].join(' ');
const ADDRESS = { street_address: '1 rue de Rivoli', locality: 'Paris', region: 'Île-de-France', postal_code: '75001', country: 'FR' };

/** What it tells of a person. */
export function claimsOf(id) {
  return {
    sub: id, name: `${id} Lovelace`, given_name: id, family_name: 'Lovelace', middle_name: 'King', nickname: id,
    preferred_username: `${id}@contoso.example`, email: `${id}@contoso.example`, email_verified: true,
    profile: `https://contoso.example/${id}`, picture: `https://contoso.example/${id}.png`, website: 'https://contoso.example/',
    gender: 'female', birthdate: '1975-12-10', zoneinfo: 'Europe/Paris', locale: 'fr-FR',
    phone_number: '+33 1 23 45 67 89', phone_number_verified: true, address: ADDRESS,
  };
}

/** The rules by which a connector keeps all of it (docs/src/reference/claims.md). */
export function mappingRules() {
  const own = { email: 'email', name: 'display_name', preferred_username: 'username' };
  const fields = [...CLAIMS.profile, 'phone_number', ...Object.keys(ADDRESS).map((name) => `address.${name}`)];
  const rows = fields.filter((name) => !(name in own)).map((name) => ({ from: name, to: `metadata.${name}` }));
  return { attributes: [...Object.entries(own).map(([from, to]) => ({ from, to })), ...rows], sync_fields: ['*'] };
}

/** Authentication contexts that it reaches: those which the suite asks for where a provider announces none. */
export const CONTEXTS = ['1', '2'];

/** A sign-in reaches the first context that was asked for. npm oidc-provider's own pages reach none. */
export function reachContexts(provider) {
  const finish = provider.interactionFinished.bind(provider);
  provider.interactionFinished = async (req, res, result, options) => {
    if (!result.login) return finish(req, res, result, options);
    const { params } = await provider.interactionDetails(req, res);
    const acr = params.acr_values?.split(' ').find((one) => CONTEXTS.includes(one));
    return finish(req, res, { ...result, login: { ...result.login, acr } }, options);
  };
}
