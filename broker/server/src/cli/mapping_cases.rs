//! `symbolon mapping cases`.

use anyhow::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller};
use symbolon_identity::mapping::{CaseLogin, Verdict};

use super::arguments::CasesCommand;
use super::mapping::target_of;
use super::{files, print};

/// A case as a file has it.
#[derive(Debug, Deserialize)]
struct CaseFile {
    login: CaseLogin,
    #[serde(default)]
    expected: Option<Verdict>,
}

pub(super) async fn run(broker: &Broker, command: CasesCommand, json: bool) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        CasesCommand::List { of } => {
            let (tenant, target) = target_of(broker, &of).await?;
            let cases = admin::list_cases(broker, &tenant, &target).await?;
            let rows: Vec<Value> = cases.iter().map(|one| json!(one)).collect();
            print::table(&rows, &["name", "updated_at", "author"], json);
        }
        CasesCommand::Show { of, name } => {
            let (tenant, target) = target_of(broker, &of).await?;
            let case = admin::read_case(broker, &tenant, (&target, &name)).await?;
            println!("{:#}", json!(case));
        }
        CasesCommand::Put { of, name, file } => {
            let (tenant, target) = target_of(broker, &of).await?;
            let text = files::read_text(&file)?;
            let read = read(&text).with_context(|| format!("{} is no case", file.display()))?;
            let case = (name.as_str(), read.login, read.expected);
            let saved = admin::put_case(broker, &caller, &tenant, &target, case).await?;
            let shown = json!({ "name": saved.name, "expected": saved.case.expected });
            print::object(&shown, json);
        }
        CasesCommand::Delete { of, name } => {
            let (tenant, target) = target_of(broker, &of).await?;
            admin::delete_case(broker, &caller, &tenant, (&target, &name)).await?;
        }
    }
    Ok(())
}

/// A case, what `cases show` prints, or a login alone.
fn read(text: &str) -> serde_json::Result<CaseFile> {
    let value: Value = serde_json::from_str(text)?;
    if value.get("login").is_some() {
        return serde_json::from_value(value);
    }
    Ok(CaseFile { login: serde_json::from_value(value)?, expected: None })
}
