"""A browser without JavaScript for the Python counterparties; `browser.mjs` is its elder sister."""

from urllib.parse import urljoin

from lxml import html

MOST_STEPS = 15
NAVIGATION = {
    "Accept": "text/html,application/xhtml+xml",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
}


class Arrived(Exception):
    """An address that the walk was to stop at, before it is asked."""

    def __init__(self, url, form):
        super().__init__(url)
        self.url, self.form = url, form


def walk(session, url, form=None, origin=None, stops=(), connector=None):
    """Goes on by redirects, by the connector's link and by forms that are all filled; gives the last page.

    Raises `Arrived` before it asks for an address that starts with one of `stops`.
    """
    for _ in range(MOST_STEPS):
        if any(url.startswith(stop) for stop in stops):
            raise Arrived(url, form)
        headers = dict(NAVIGATION, **({"Origin": origin} if origin and form is not None else {}))
        method = "GET" if form is None else "POST"
        page = session.request(method, url, data=form, headers=headers, allow_redirects=False, timeout=30)
        following = next_step(page, connector)
        if following is None:
            return page
        here = page.url
        url, form = urljoin(here, following[0]), following[1]
        origin = "/".join(here.split("/")[:3])
    raise RuntimeError(f"more than {MOST_STEPS} steps, the last to {url}")


def next_step(page, connector):
    if 300 <= page.status_code < 400:
        return page.headers["Location"], None
    if page.status_code >= 400 or "html" not in page.headers.get("Content-Type", ""):
        return None
    tree = html.fromstring(page.content)
    for link in tree.xpath("//a[@id=$id]", id=f"connector-{connector}"):
        return link.get("href"), None
    for form in tree.forms:
        if form.method.upper() == "POST" and (form.fields.get("SAMLRequest") or form.fields.get("SAMLResponse")):
            return form.action, dict(form.fields)
    return None
