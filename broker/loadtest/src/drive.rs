//! The closed loop: each worker starts its next sign-in when the last one is done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use serde_json::Value;
use tokio::task::JoinSet;
use url::Url;

use crate::arguments::{Arguments, person};
use crate::http::{Browser, Request};
use crate::process::Usage;
use crate::report::Report;
use crate::sign_in::{Target, sign_in};

/// What one worker saw.
#[derive(Debug, Default)]
struct Tally {
    microseconds: Vec<u64>,
    errors: BTreeMap<String, u64>,
}

/// Runs the whole measurement.
///
/// # Errors
/// When the target cannot be found; failed sign-ins are part of the report instead.
pub async fn drive(arguments: &Arguments) -> anyhow::Result<Report> {
    let target = Arc::new(target(arguments).await?);
    let next_person = Arc::new(AtomicUsize::new(0));
    let run = |seconds: u64| {
        all_workers(
            arguments,
            Arc::clone(&target),
            Arc::clone(&next_person),
            Duration::from_secs(seconds),
        )
    };
    run(arguments.warm_up).await?;
    let before = (Usage::of(None), Usage::of(arguments.watch));
    let start = Instant::now();
    let tally = run(arguments.seconds).await?;
    let elapsed = start.elapsed();
    let after = (Usage::of(None), Usage::of(arguments.watch));
    let mut report = Report::new(arguments.workers, elapsed, tally.microseconds, tally.errors);
    report.generator_cpu_share = Usage::share(before.0.as_ref(), after.0.as_ref(), elapsed);
    report.broker_cpu_share =
        arguments.watch.and(Usage::share(before.1.as_ref(), after.1.as_ref(), elapsed));
    report.broker_ms_per_sign_in = arguments.watch.and(report.cpu_each(before.1, after.1));
    report.broker_resident_mib = arguments.watch.and(after.1.map(|usage| usage.resident_mib));
    Ok(report)
}

async fn all_workers(
    arguments: &Arguments,
    target: Arc<Target>,
    next_person: Arc<AtomicUsize>,
    time: Duration,
) -> anyhow::Result<Tally> {
    let until = Instant::now() + time;
    let (users, most) = (arguments.users.max(1), arguments.sign_ins.unwrap_or(usize::MAX));
    let mut workers = JoinSet::new();
    for _ in 0..arguments.workers.max(1) {
        let (target, next_person) = (Arc::clone(&target), Arc::clone(&next_person));
        workers.spawn(async move { worker(&target, &next_person, (users, most), until).await });
    }
    let mut total = Tally::default();
    while let Some(tally) = workers.join_next().await {
        let tally = tally?;
        total.microseconds.extend(tally.microseconds);
        for (kind, count) in tally.errors {
            *total.errors.entry(kind).or_default() += count;
        }
    }
    Ok(total)
}

async fn worker(
    target: &Target,
    next_person: &AtomicUsize,
    (users, most): (usize, usize),
    until: Instant,
) -> Tally {
    let mut browser = Browser::default();
    let mut tally = Tally::default();
    while Instant::now() < until {
        let turn = next_person.fetch_add(1, Ordering::Relaxed);
        if turn >= most {
            break;
        }
        let number = turn.checked_rem(users).unwrap_or_default();
        let start = Instant::now();
        match sign_in(&mut browser, target, &person(number)).await {
            Ok(()) => {
                let taken = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
                tally.microseconds.push(taken);
            }
            Err(error) => *tally.errors.entry(error.to_string()).or_default() += 1,
        }
    }
    tally
}

async fn target(arguments: &Arguments) -> anyhow::Result<Target> {
    let (authorize, token) = match (&arguments.authorize_url, &arguments.token_url) {
        (Some(authorize), Some(token)) => (authorize.clone(), token.clone()),
        _ => discover(arguments.issuer.as_deref().context("an issuer is needed")?).await?,
    };
    let client_secret = match &arguments.client_secret_file {
        Some(file) => {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            Some(text.trim().to_owned())
        }
        None => None,
    };
    let pair = |text: &String| {
        let (name, value) =
            text.split_once('=').ok_or_else(|| anyhow!("{text}: NAME=VALUE is needed"))?;
        Ok((name.to_owned(), value.to_owned()))
    };
    Ok(Target {
        authorize: Url::parse(&authorize)?,
        token: Url::parse(&token)?,
        client_id: arguments.client_id.clone(),
        client_secret,
        redirect_uri: arguments.redirect_uri.clone(),
        scope: arguments.scope.clone(),
        parameters: arguments.parameters.iter().map(pair).collect::<anyhow::Result<_>>()?,
    })
}

async fn discover(issuer: &str) -> anyhow::Result<(String, String)> {
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let url = Url::parse(&address)?;
    let request = Request { url: &url, form: None, authorization: None };
    let answer = Browser::default().send(&request).await.context(address.clone())?;
    let document: Value = serde_json::from_slice(&answer.body).context(address)?;
    let endpoint = |name: &str| {
        let value = document.get(name).and_then(Value::as_str);
        value.map(str::to_owned).ok_or_else(|| anyhow!("discovery names no {name}"))
    };
    Ok((endpoint("authorization_endpoint")?, endpoint("token_endpoint")?))
}
