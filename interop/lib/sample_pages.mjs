// Every page for people with every sample, as the snapshots of `broker/server/src/pages` hold them, in a real Chromium:
// axe-core finds nothing, nothing is wider than the window, with long names and at twice the text size as well.

import { readFileSync, readdirSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ensure } from './cases.mjs';
import { Chromium } from './webdriver.mjs';

const SNAPSHOTS = 'broker/server/src/pages/snapshots';
const ASSETS = 'broker/server/assets';
const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
/** The version of a rule for WCAG 2.2 waits to be asked for. */
export const WANTED = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'], rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'],
};
/** A name of 80 letters without a place to break, as people do register them. */
const LONG = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

/**
 * How the pages are looked at. Colours depend on the theme and layout on the width: two of the four pairs see both.
 * `text`: what is done to the page first.
 */
const LOOKS = [
  { name: '1280-light', width: 1280, theme: 'light' },
  { name: '360-dark', width: 360, theme: 'dark' },
  { name: '360-light-long-names', width: 360, theme: 'light', text: 'long' },
  { name: '1280-dark-text-200', width: 1280, theme: 'dark', text: 'large' },
];

/** `artefacts`: the folder for pictures, `SAMPLE-WIDTH-THEME….png`. */
export async function samplePages(cases, { root, scratch, artefacts }) {
  const samples = new Map(readdirSync(join(root, SNAPSHOTS)).filter((file) => file.endsWith('.snap')).map((file) => [
    file.replace(/^.*__tests__|\.snap$/g, ''), page(readFileSync(join(root, SNAPSHOTS, file), 'utf8')),
  ]));
  const server = createServer((request, response) => answer(root, samples, request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const chromium = await Chromium.start(scratch, 'sample-pages');
  try {
    for (const look of LOOKS) {
      await cases.run(`chromium/every-page-${look.name}`, async () => {
        await chromium.looks(look);
        const problems = [];
        for (const name of samples.keys()) {
          await chromium.open(`http://127.0.0.1:${server.address().port}/${name}`);
          for (const problem of await inspect(chromium, look)) problems.push(`${name}: ${problem}`);
          await chromium.picture(join(artefacts, `${name}-${look.name}.png`));
        }
        ensure(samples.size > 0 && problems.length === 0, problems.join(' | '));
      }, { seconds: 300 });
    }
  } finally {
    await chromium.stop();
    server.closeAllConnections();
    server.close();
  }
}

/** The HTML of a snapshot: without what would lead away from the page, with axe-core. */
function page(snapshot) {
  return snapshot.replace(/^---\n[\s\S]*?\n---\n/, '')
    .replace(/ integrity="[^"]*"/g, '')
    .replace(/<meta http-equiv="refresh"[^>]*>/g, '')
    .replace(/<script src="[^"]*(submit|signed[-_]out)[^"]*"[^>]*><\/script>/g, '')
    .replace(/(<iframe[^>]*) src="[^"]*"/g, '$1')
    .replace('</head>', '<script src="/axe.js"></script></head>');
}

function answer(root, samples, { url }, response) {
  const asset = url.match(/^\/static\/HASH\/([\w.-]+)$/)?.[1];
  const type = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' }[url.split('.').at(-1)] ?? 'text/html; charset=utf-8';
  response.setHeader('content-type', type);
  if (url === '/axe.js') response.end(readFileSync(AXE));
  else if (asset) response.end(readFileSync(find(join(root, ASSETS), asset)));
  else if (samples.has(url.slice(1))) response.end(samples.get(url.slice(1)));
  else response.writeHead(404).end();
}

function find(folder, name) {
  const found = readdirSync(folder, { recursive: true }).find((file) => file === name || file.endsWith(`/${name}`));
  ensure(found, `no asset ${name}`);
  return join(folder, found);
}

/** What is wrong with the page that is shown. */
async function inspect(chromium, { text, width }) {
  return chromium.run(`
    const [text, width, long, wanted] = args;
    if (text === 'large') document.documentElement.style.fontSize = '200%';
    if (text === 'long') for (const one of document.querySelectorAll('strong, dd, .btn, .alert, main li, main code, .list-inline a')) {
      const last = [...one.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim()).at(-1);
      if (last) last.data += ' ' + long;
    }
    const found = await axe.run(document, wanted);
    const problems = found.violations.flatMap(({ id, nodes }) => nodes.map(({ target, any }) => id + ' at ' + target.join(' ') + ': ' + (any[0]?.message ?? '')));
    const wide = document.documentElement.scrollWidth;
    if (wide > width) problems.push('wider than its window: ' + wide);
    for (const one of document.querySelectorAll('main :is(a, button, code, dd, dt, li, p, strong, h1, h2, h3, legend, label)')) {
      const { width: shown, left, right } = one.getBoundingClientRect();
      const cut = getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
      if (shown > 1 && (left < 0 || right > width + 1 || cut)) problems.push('cut off: ' + (one.id || one.tagName) + ' ' + one.textContent.trim().slice(0, 40));
    }
    return problems;`, text ?? '', width, LONG, WANTED);
}
