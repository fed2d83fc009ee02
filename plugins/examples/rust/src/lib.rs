//! Where people sit and what they may do, from the claims of their sign-in.
//!
//! `map` is the whole mapping and `rules` its configuration. Both are plain Rust: `cargo test` runs
//! them natively, `symbolon plugin build` makes the component.

mod rules;

use symbolon_plugin_sdk::{
    Description, Diagnostic, Failure, Field, Grant, Mapping, MappingDecision, MappingPlugin,
    MappingRequest, failure,
};

pub use rules::Rules;

/// The plugin.
pub struct SeatPlanner;

symbolon_plugin_sdk::export_plugin!(SeatPlanner);

impl MappingPlugin for SeatPlanner {
    type Rules = Rules;

    fn describe() -> Description {
        Description {
            name: "seat-planner".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "Seats by office, roles by department.".to_owned(),
            config_schema: include_str!("../rules.schema.json").to_owned(),
            example_config: include_str!("../cases/config.json").to_owned(),
        }
    }

    fn check(config: &serde_json::Value) -> Vec<Diagnostic> {
        rules::check(config)
    }

    fn map(rules: &Rules, request: &MappingRequest) -> Result<MappingDecision, Failure> {
        let Some(email) = text(request, "email") else {
            return Err(failure("no_email", "the sign-in carries no e-mail address"));
        };
        let department = text(request, "department");
        if department.is_none() && is_contractor(rules, email) {
            let message = "Contractors need a department. Ask your contact at the company.";
            return Ok(MappingDecision::deny(
                "contractor_without_department",
                message,
            ));
        }
        let mut mapping = Mapping::default();
        set(&mut mapping, "email", Some(email.to_owned()));
        match display_name(request) {
            Some(name) => set(&mut mapping, "display_name", Some(name)),
            None => mapping.notes.push("no name".to_owned()),
        }
        let seat = text(request, "officeLocation").map(str::to_ascii_uppercase);
        if seat.is_none() {
            mapping
                .notes
                .push("no office, so the seat is cleared".to_owned());
        }
        set(&mut mapping, "metadata.seat", seat);
        grant_by_department(rules, department, &mut mapping);
        grant_admin(rules, request, &mut mapping);
        Ok(MappingDecision::Allow(mapping))
    }
}

/// The first value of a claim, without spaces around it. Empty is the same as absent.
fn text<'a>(request: &'a MappingRequest, name: &str) -> Option<&'a str> {
    let value = request.claim(name)?.trim_matches(' ');
    (!value.is_empty()).then_some(value)
}

/// No value clears the field. A field that is not set at all is left as it is.
fn set(mapping: &mut Mapping, name: &str, value: Option<String>) {
    mapping.fields.push(Field {
        name: name.to_owned(),
        values: value.into_iter().collect(),
    });
}

fn display_name(request: &MappingRequest) -> Option<String> {
    match (text(request, "given_name"), text(request, "family_name")) {
        (Some(given), Some(family)) => Some(format!("{given} {family}")),
        _ => text(request, "name").map(str::to_owned),
    }
}

fn is_contractor(rules: &Rules, email: &str) -> bool {
    let Some((_, domain)) = email.rsplit_once('@') else {
        return false;
    };
    rules
        .contractor_domain
        .as_ref()
        .is_some_and(|theirs| theirs.eq_ignore_ascii_case(domain))
}

fn grant_by_department(rules: &Rules, department: Option<&str>, mapping: &mut Mapping) {
    let Some(department) = department else {
        mapping.notes.push("no department".to_owned());
        return;
    };
    match rules.departments.get(department) {
        Some(role) => {
            let because = format!("department {department}");
            mapping.grants.push(Grant::because(role, because));
        }
        None => mapping
            .notes
            .push("the department gives no role".to_owned()),
    }
}

fn grant_admin(rules: &Rules, request: &MappingRequest, mapping: &mut Mapping) {
    let Some(group) = &rules.admin_group else {
        return;
    };
    if request
        .groups
        .iter()
        .any(|one| one.eq_ignore_ascii_case(group))
    {
        mapping
            .grants
            .push(Grant::because("admin", format!("member of group {group}")));
    } else if !request.groups_complete {
        // Whoever cannot be seen in the group is not in it: fail closed, and say so.
        mapping
            .notes
            .push("the list of groups is incomplete, so admin is not granted".to_owned());
    }
}
