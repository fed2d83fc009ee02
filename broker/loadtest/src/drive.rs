//! The closed loop: each worker starts its next sign-in when the last one is done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use serde_json::Value;
use tokio::task::JoinSet;
use url::Url;

use crate::arguments::{Arguments, Operation, person};
use crate::grants::{client_credentials, refresh};
use crate::http::{Browser, Request};
use crate::process::Usage;
use crate::report::Report;
use crate::sign_in::{SignInError, Target, sign_in};
use crate::signature;

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
    let signature_ms = arguments.signature.map(signature::milliseconds).transpose()?;
    let targets: Arc<[Target]> = targets(arguments).await?.into();
    let next_person = Arc::new(AtomicUsize::new(0));
    let run = |seconds: u64| {
        all_workers(
            arguments,
            Arc::clone(&targets),
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
    let share = |(signature, all): (f64, f64)| signature / all;
    report.signature_ms = signature_ms;
    report.signature_share = signature_ms.zip(report.broker_ms_per_sign_in).map(share);
    report.tenants = arguments.tenants;
    report.operation = format!("{:?}", arguments.operation);
    report.broker_resident_mib = arguments.watch.and(after.1.map(|usage| usage.resident_mib));
    Ok(report)
}

async fn all_workers(
    arguments: &Arguments,
    targets: Arc<[Target]>,
    next_person: Arc<AtomicUsize>,
    time: Duration,
) -> anyhow::Result<Tally> {
    let until = Instant::now() + time;
    let work = Work {
        operation: arguments.operation,
        users: arguments.users.max(1),
        most: arguments.sign_ins.unwrap_or(usize::MAX),
    };
    let mut workers = JoinSet::new();
    for _ in 0..arguments.workers.max(1) {
        let (targets, next_person) = (Arc::clone(&targets), Arc::clone(&next_person));
        workers.spawn(async move { worker(&targets, &next_person, work, until).await });
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

/// What to do, how often.
#[derive(Clone, Copy)]
struct Work {
    operation: Operation,
    users: usize,
    most: usize,
}

async fn worker(
    targets: &[Target],
    next_person: &AtomicUsize,
    Work { operation, users, most }: Work,
    until: Instant,
) -> Tally {
    let mut browser = Browser::default();
    let mut tally = Tally::default();
    let mut held = BTreeMap::new();
    while Instant::now() < until {
        let turn = next_person.fetch_add(1, Ordering::Relaxed);
        if turn >= most {
            break;
        }
        let number = turn.checked_rem(users).unwrap_or_default();
        let place = turn.checked_rem(targets.len()).unwrap_or_default();
        let Some(target) = targets.get(place) else { break };
        let prepared = match operation {
            Operation::Refresh => hold(&mut browser, target, (&mut held, place), number).await,
            Operation::SignIn | Operation::ClientCredentials => Ok(()),
        };
        let start = Instant::now();
        let done = match (prepared, operation) {
            (Err(error), _) => Err(error),
            (Ok(()), Operation::SignIn) => {
                sign_in(&mut browser, target, &person(number)).await.map(drop)
            }
            (Ok(()), Operation::ClientCredentials) => {
                client_credentials(&mut browser, target).await
            }
            (Ok(()), Operation::Refresh) => match held.get_mut(&place) {
                Some(token) => refresh(&mut browser, target, token).await,
                None => Err(SignInError::NotOurs("no refresh token")),
            },
        };
        match done {
            Ok(()) => {
                let taken = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
                tally.microseconds.push(taken);
            }
            // A token that was refused is not tried again.
            Err(error) => {
                held.remove(&place);
                *tally.errors.entry(error.to_string()).or_default() += 1;
            }
        }
    }
    tally
}

/// Signs a person in at a tenant where this worker holds no refresh token yet; that is not measured.
async fn hold(
    browser: &mut Browser,
    target: &Target,
    (held, place): (&mut BTreeMap<usize, String>, usize),
    number: usize,
) -> Result<(), SignInError> {
    if !held.contains_key(&place) {
        let signed_in = sign_in(browser, target, &person(number)).await?;
        held.extend(signed_in.refresh_token.map(|token| (place, token)));
    }
    Ok(())
}

/// One target for each tenant.
async fn targets(arguments: &Arguments) -> anyhow::Result<Vec<Target>> {
    let mut targets = Vec::with_capacity(arguments.tenants);
    for number in 1..=arguments.tenants.max(1) {
        let numbered = |text: &str| text.replace("{}", &number.to_string());
        let secret = arguments.client_secret_file.as_ref();
        let own = Arguments {
            issuer: arguments.issuer.as_deref().map(numbered),
            client_secret_file: secret.map(|file| numbered(&file.to_string_lossy()).into()),
            ..arguments.clone()
        };
        targets.push(target(&own).await?);
    }
    Ok(targets)
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
