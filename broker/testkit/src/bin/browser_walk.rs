//! A walk through the demo with a real Chromium: screenshots of each page, and no complaint in the
//! browser's console. Prints `ok NAME` or `FAIL NAME why` a case; fails if one failed.
//!
//! It needs a running `symbolon demo` and a running chromedriver; `interop/run.sh` starts both.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Parser;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

/// What is to be walked, and where the pictures go.
#[derive(Parser)]
struct Arguments {
    /// The demo application's address.
    #[arg(long)]
    application: String,
    /// The issuer of the demo's tenant.
    #[arg(long)]
    issuer: String,
    /// Where chromedriver listens.
    #[arg(long)]
    webdriver: String,
    /// An authorization request of a tenant with several connectors, to see the choice.
    #[arg(long)]
    choice: Option<String>,
    /// The sign-out page, relative to the issuer.
    #[arg(long, default_value = "logout")]
    sign_out: String,
    /// Start of the id of the button to press at the demo provider.
    #[arg(long, default_value = "user-")]
    person: String,
    /// The folder for screenshots.
    #[arg(long)]
    artefacts: PathBuf,
    /// An empty folder for the browser's profiles.
    #[arg(long)]
    profiles: PathBuf,
}

/// How the browser is set up for one walk.
#[derive(Clone, Copy)]
struct Look {
    width: u32,
    theme: &'static str,
    script: bool,
}

const LOOKS: [Look; 5] = [
    Look { width: 1280, theme: "light", script: true },
    Look { width: 1280, theme: "dark", script: true },
    Look { width: 390, theme: "light", script: true },
    Look { width: 390, theme: "dark", script: true },
    Look { width: 1280, theme: "light", script: false },
];

impl Look {
    fn name(self) -> String {
        let script = if self.script { "" } else { "-without-javascript" };
        format!("{}-{}{script}", self.width, self.theme)
    }
}

/// A command of chromedriver's own, beside the WebDriver standard.
#[derive(Debug)]
struct ChromeCommand {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for ChromeCommand {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    std::fs::create_dir_all(&arguments.artefacts)?;
    let mut failures = 0;
    for look in LOOKS {
        let name = format!("chromium-walk-{}", look.name());
        match walk(&arguments, look).await {
            Ok(()) => say(&format!("ok {name}")),
            Err(error) => {
                failures += 1;
                say(&format!("FAIL {name} {error:#}"));
            }
        }
    }
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn say(line: &str) {
    use std::io::Write as _;
    // Nobody is left to tell when the pipe is closed.
    let _ = writeln!(std::io::stdout(), "{line}");
}

async fn walk(arguments: &Arguments, look: Look) -> anyhow::Result<()> {
    let browser = open(arguments, look).await.context("opening the browser")?;
    let result = visit(&browser, arguments, look).await;
    let complaints = complaints(&browser).await;
    browser.close().await?;
    result?;
    let complaints = complaints.context("reading the console")?;
    ensure!(complaints.is_empty(), "the console complains: {}", complaints.join(" | "));
    Ok(())
}

async fn open(arguments: &Arguments, look: Look) -> anyhow::Result<Client> {
    let profile = arguments.profiles.join(look.name());
    let mut options = json!({
        "binary": "/usr/bin/chromium",
        "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,900",
            format!("--user-data-dir={}", profile.display()),
        ],
    });
    if let (false, Some(fields)) = (look.script, options.as_object_mut()) {
        let off = json!({"profile.managed_default_content_settings.javascript": 2});
        fields.insert("prefs".to_owned(), off);
    }
    let capabilities = json!({
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"browser": "ALL"},
    });
    let capabilities = capabilities.as_object().cloned().unwrap_or_default();
    let browser = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&arguments.webdriver)
        .await?;
    let metrics = json!({
        "width": look.width, "height": 900, "deviceScaleFactor": 1, "mobile": look.width < 500,
    });
    devtools(&browser, "Emulation.setDeviceMetricsOverride", metrics).await?;
    let media = json!({"features": [{"name": "prefers-color-scheme", "value": look.theme}]});
    devtools(&browser, "Emulation.setEmulatedMedia", media).await?;
    Ok(browser)
}

async fn devtools(browser: &Client, command: &str, params: Value) -> anyhow::Result<()> {
    let body = json!({"cmd": command, "params": params});
    browser.issue_cmd(ChromeCommand { path: "goog/cdp/execute", body }).await?;
    Ok(())
}

/// The setting must really be in force, or the walk without script would prove nothing.
async fn script_is_as_set(browser: &Client, look: Look) -> anyhow::Result<()> {
    browser.goto("data:text/html,<title>off</title><script>document.title='on'</script>").await?;
    let expected = if look.script { "on" } else { "off" };
    let title = browser.title().await?;
    ensure!(title == expected, "JavaScript is {title}, not {expected}");
    Ok(())
}

async fn visit(browser: &Client, arguments: &Arguments, look: Look) -> anyhow::Result<()> {
    script_is_as_set(browser, look).await?;
    if let Some(choice) = &arguments.choice {
        browser.goto(choice).await?;
        find(browser, "[id^=connector-]").await.context("login page")?;
        picture(browser, arguments, look, "login").await?;
    }
    browser.goto(&arguments.application).await?;
    press(browser, "#sign-in").await?;
    find(browser, "[id^=connector-], #sign-in-form").await.context("after the sign-in button")?;
    if browser.find(Locator::Css("#sign-in-form")).await.is_err() {
        picture(browser, arguments, look, "login-of-the-demo").await?;
        press(browser, "[id^=connector-]").await?;
    }
    find(browser, "#sign-in-form").await.context("demo provider")?;
    picture(browser, arguments, look, "provider").await?;
    press(browser, &format!("[id^='{}']", arguments.person)).await?;
    let email =
        find(browser, "#signed-in-email").await.context("back at the application")?.text().await?;
    ensure!(email.contains('@'), "the application shows no e-mail address but {email:?}");
    let roles = find(browser, "#signed-in-roles").await?.text().await?;
    ensure!(!roles.is_empty(), "the application shows no roles");
    picture(browser, arguments, look, "signed-in").await?;

    browser.goto(&format!("{}/", arguments.issuer)).await?;
    find(browser, "#signed-in").await.context("own page")?;
    find(browser, "#user-roles").await?;
    picture(browser, arguments, look, "own-page").await?;

    refusal(browser, arguments).await.context("error page")?;
    picture(browser, arguments, look, "error").await?;

    browser.goto(&format!("{}/{}", arguments.issuer, arguments.sign_out)).await?;
    find(browser, "#sign-out, #signed-out").await.context("sign-out page")?;
    if browser.find(Locator::Css("#signed-out")).await.is_err() {
        press(browser, "#sign-out").await?;
    }
    find(browser, "#signed-out").await.context("signed-out page")?;
    picture(browser, arguments, look, "signed-out").await
}

/// An application that nobody knows must end at an error page that can be quoted to an admin.
async fn refusal(browser: &Client, arguments: &Arguments) -> anyhow::Result<()> {
    let sender = symbolon_testkit::http::sender()?;
    let discovery = format!("{}/.well-known/openid-configuration", arguments.issuer);
    let discovery = sender.get(discovery).send().await?.text().await?;
    let discovery: Value = serde_json::from_str(&discovery).context("discovery")?;
    let endpoint =
        discovery.get("authorization_endpoint").and_then(Value::as_str).context("discovery")?;
    browser
        .goto(&format!(
            "{endpoint}?response_type=code&client_id=nobody&scope=openid&redirect_uri=http://127.0.0.1:9/cb"
        ))
        .await?;
    for id in ["#error-title", "#reason-code", "#trace-id"] {
        let text = find(browser, id).await?.text().await?;
        ensure!(!text.is_empty(), "{id} is empty");
    }
    Ok(())
}

async fn find(browser: &Client, selector: &str) -> anyhow::Result<fantoccini::elements::Element> {
    match browser.wait().at_most(Duration::from_secs(10)).for_element(Locator::Css(selector)).await
    {
        Ok(element) => Ok(element),
        Err(error) => {
            let address = browser.current_url().await?;
            Err(error).with_context(|| format!("{address} has no {selector}"))
        }
    }
}

async fn press(browser: &Client, selector: &str) -> anyhow::Result<()> {
    find(browser, selector).await?.click().await?;
    Ok(())
}

/// A screenshot; with script on also a look at whether the page is wider than its window.
async fn picture(
    browser: &Client,
    arguments: &Arguments,
    look: Look,
    page: &str,
) -> anyhow::Result<()> {
    let bytes = browser.screenshot().await?;
    std::fs::write(arguments.artefacts.join(format!("{page}-{}.png", look.name())), bytes)?;
    if look.script {
        let overflow = browser
            .execute("return document.documentElement.scrollWidth - window.innerWidth", Vec::new())
            .await?;
        ensure!(overflow.as_i64().unwrap_or_default() <= 0, "{page} is {overflow} px too wide");
    }
    Ok(())
}

/// What the console says at level warning or above, apart from the status of the error page.
async fn complaints(browser: &Client) -> anyhow::Result<Vec<String>> {
    let log = browser
        .issue_cmd(ChromeCommand { path: "se/log", body: json!({"type": "browser"}) })
        .await?;
    let entries = log.as_array().cloned().unwrap_or_default();
    let text = |entry: &Value, name: &str| {
        entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    Ok(entries
        .iter()
        .filter(|entry| matches!(text(entry, "level").as_str(), "SEVERE" | "WARNING"))
        .map(|entry| text(entry, "message"))
        .filter(|message| !message.contains("client_id=nobody"))
        .collect())
}
