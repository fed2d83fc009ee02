//! The how-tos for applications, followed as they stand: what a page shows is what is answered.
//!
//! Owns: the blocks of a page, and its `curl` commands, split into words as a shell does. Does not own: its `symbolon`
//! commands, which `cli::by_hand` runs.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};

use crate::device::{decided, television};
use crate::downstream::Reply;
use crate::oidcc::Open;
use crate::world::{TestBroker, TestTenant, http};

pub(crate) const DEVICE: &str = include_str!("../../../../docs/src/how-to/sign-in-on-a-device.md");
pub(crate) const REGISTRATION: &str =
    include_str!("../../../../docs/src/how-to/let-applications-register-themselves.md");

/// What stands on the pages, and for what.
const ISSUER: &str = "https://login.example.com/t/contoso";
const USER_CODE: &str = "DBWZ-NNSK";

/// A fenced block, its language, and the heading that it stands below.
pub(crate) struct Block {
    pub(crate) heading: &'static str,
    pub(crate) language: &'static str,
    pub(crate) body: String,
}

pub(crate) fn blocks(page: &'static str) -> Vec<Block> {
    let (mut blocks, mut heading) = (Vec::new(), "");
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        heading = line.strip_prefix("## ").unwrap_or(heading);
        if let Some(language) = line.strip_prefix("```") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { heading, language, body: body.join("\n") });
        }
    }
    blocks
}

/// Somebody who follows a page at a tenant. A text of an answer is known by its name in capitals from then on.
struct Reader<'a> {
    tenant: &'a TestTenant<'a>,
    known: BTreeMap<String, String>,
    seen: Value,
    compared: usize,
}

impl<'a> Reader<'a> {
    fn new(tenant: &'a TestTenant<'a>) -> Self {
        Self { tenant, known: BTreeMap::new(), seen: Value::Null, compared: 0 }
    }

    async fn follow(&mut self, blocks: &[Block]) {
        for block in blocks {
            if block.language == "sh" && block.body.starts_with("curl ") {
                self.ask(&block.body).await;
            } else if block.language == "json" {
                let shown: Value = serde_json::from_str(&block.body).unwrap();
                assert!(fits(&shown, &self.seen), "the page shows {shown}\nseen: {}", self.seen);
                self.compared += 1;
            }
        }
    }

    async fn ask(&mut self, command: &str) {
        let reply = Reply::of(self.request(command)).await;
        assert!(reply.status < 500, "{command}: {}", reply.body);
        let texts = reply.body.as_object().into_iter().flatten();
        let texts = texts.filter_map(|(name, value)| Some((name, value.as_str()?)));
        self.known.extend(texts.map(|(name, text)| (name.to_uppercase(), text.to_owned())));
        let mut told = reply.body.to_string().replace(&self.tenant.issuer(), ISSUER);
        if let Some(code) = self.known.get("USER_CODE") {
            told = told.replace(code, USER_CODE);
        }
        self.seen = serde_json::from_str(&told).unwrap();
    }

    /// The request that `curl` would send.
    fn request(&self, command: &str) -> reqwest::RequestBuilder {
        let (words, input) = self.words(&command.replace(ISSUER, &self.tenant.issuer()));
        let (mut method, mut url, mut data) = (None, String::new(), Vec::new());
        let mut headers = BTreeMap::from([(
            "content-type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        )]);
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let mut value = || words.next().unwrap();
            match word.as_str() {
                "-X" => method = Some(Method::from_bytes(value().as_bytes()).unwrap()),
                "-H" => {
                    let header = value();
                    let (name, value) = header.split_once(": ").unwrap();
                    headers.insert(name.to_lowercase(), value.to_owned());
                }
                "-d" => data.push(value().replace("@-", &input)),
                "--data-urlencode" => {
                    let field = value();
                    let pair = field.split_once('=').unwrap();
                    let mut encoded = url::form_urlencoded::Serializer::new(String::new());
                    data.push(encoded.append_pair(pair.0, pair.1).finish());
                }
                _ => {
                    assert!(!word.starts_with('-'), "the option {word} of curl");
                    url = word;
                }
            }
        }
        let usual = if data.is_empty() { Method::GET } else { Method::POST };
        let request = http().request(method.unwrap_or(usual), url).body(data.join("&"));
        headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    /// The words of the command, and what it reads from standard input.
    fn words(&self, command: &str) -> (Vec<String>, String) {
        let tell = r#"curl() { printf '%s\0' "$@"; case "$*" in *@-*) cat;; esac; }"#;
        let mut shell = Command::new("/bin/sh");
        shell.args(["-eu", "-c", &format!("{tell}\n{command}")]).stdin(Stdio::null());
        shell.env_clear().env("PATH", "/usr/bin:/bin").envs(&self.known);
        let run = shell.output().unwrap();
        assert!(run.status.success(), "{command}: {}", String::from_utf8_lossy(&run.stderr));
        let told = String::from_utf8(run.stdout).unwrap();
        let (words, input) = told.rsplit_once('\0').unwrap();
        (words.split('\0').map(str::to_owned).collect(), input.to_owned())
    }
}

/// Whether an answer is as shown: `…` stands for any text, and a time for any time.
fn fits(shown: &Value, seen: &Value) -> bool {
    let time = |value: &Value| value.as_i64().is_some_and(|number| number > 1_000_000_000);
    match (shown, seen) {
        (Value::String(shown), Value::String(seen)) => match shown.split_once('…') {
            Some((before, after)) => seen
                .strip_prefix(before)
                .is_some_and(|rest| rest.len() > after.len() && rest.ends_with(after)),
            None => shown == seen,
        },
        (Value::Object(shown), Value::Object(seen)) => {
            let same = |(name, value)| seen.get(name).is_some_and(|seen| fits(value, seen));
            shown.len() == seen.len() && shown.iter().all(same)
        }
        _ => shown == seen || time(shown) && time(seen),
    }
}

#[actix_web::test]
async fn r_24_the_page_about_devices_is_true_to_the_letter() {
    let world = TestBroker::start().await;
    let contoso = world.tenant("contoso").await;
    television(&contoso, "television").await;
    let mut reader = Reader::new(&contoso);
    let all = blocks(DEVICE);
    let after_the_person = |one: &Block| one.heading.starts_with("5. ");
    let (before, after) = all.split_at(all.iter().position(after_the_person).unwrap());
    reader.follow(before).await;
    let begun = json!({
        "user_code": reader.known["USER_CODE"],
        "verification_uri_complete": reader.known["VERIFICATION_URI_COMPLETE"],
    });
    assert!(decided(&contoso, &begun, "allow").await.has("device-allowed"));
    world.clock.advance(TimeDelta::seconds(5));
    reader.follow(after).await;
    assert_eq!(reader.compared, 5, "the page shows too little");
}

#[actix_web::test]
async fn r_28_the_page_about_registration_is_true_to_the_letter() {
    let world = TestBroker::start().await;
    let open = Open::start(&world).await;
    let mut reader = Reader::new(&open.tenant);
    reader.known.insert("KEY".into(), open.token.clone());
    reader.follow(&blocks(REGISTRATION)).await;
    assert_eq!(reader.compared, 3, "the page shows too little");
    let read =
        r#"curl "$REGISTRATION_CLIENT_URI" -H "Authorization: Bearer $REGISTRATION_ACCESS_TOKEN""#;
    reader.ask(read).await;
    assert_eq!(reader.seen["reason"], "registration.token_invalid", "it was deleted");
}
