//! `symbolon user`.

use serde_json::{Value, json};
use symbolon_identity::Broker;
use symbolon_identity::admin::{self, AdminCaller, NewUser};
use symbolon_identity::provisioning::IdentityKey;
use symbolon_identity::storage::{AccessRequest, User, UserStatus};

use super::arguments::{NewUserArguments, Standing, UserCommand};
use super::print;

pub(super) async fn run(broker: &Broker, command: UserCommand, json: bool) -> anyhow::Result<()> {
    let caller = AdminCaller::command_line();
    match command {
        UserCommand::Create(arguments) => {
            let tenant = admin::read_tenant(broker, &arguments.tenant).await?;
            let user = new_user(*arguments);
            let id = admin::create_user(broker, &caller, &tenant, user).await?;
            print::object(&json!({ "id": id }), json);
        }
        UserCommand::List { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let users = admin::list_users(broker, &tenant, (None, 1000)).await?;
            let rows: Vec<Value> = users.iter().map(describe).collect();
            print::table(&rows, &["id", "status", "email", "name", "last_sign_in_at"], json);
        }
        UserCommand::Status { tenant, id, status } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            admin::set_user_status(broker, &caller, &tenant, (&id, status.into())).await?;
        }
        UserCommand::SignOut { tenant, id } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let ended = admin::sign_out_user(broker, &caller, &tenant, &id).await?;
            print::object(&json!({ "sessions_ended": ended }), json);
        }
        UserCommand::Requests { tenant } => {
            let tenant = admin::read_tenant(broker, &tenant).await?;
            let requests = admin::list_access_requests(broker, &tenant).await?;
            let rows: Vec<Value> = requests.iter().map(describe_request).collect();
            let columns = ["connector", "subject", "email", "name", "times", "last_seen_at"];
            print::table(&rows, &columns, json);
        }
    }
    Ok(())
}

fn describe(user: &User) -> Value {
    json!({
        "id": user.id,
        "status": user.status,
        "email": user.email,
        "name": user.display_name,
        "last_sign_in_at": user.last_sign_in_at,
    })
}

fn describe_request(request: &AccessRequest) -> Value {
    json!({
        "connector": request.connector_id,
        "subject": request.subject,
        "email": request.email,
        "name": request.display_name,
        "times": request.times,
        "last_seen_at": request.last_seen_at,
    })
}

fn new_user(arguments: NewUserArguments) -> NewUser {
    let identity = match (arguments.connector, arguments.issuer, arguments.subject) {
        (Some(connector), Some(issuer), Some(subject)) => {
            Some(IdentityKey { connector, issuer, subject })
        }
        _ => None,
    };
    NewUser {
        email: arguments.email,
        email_verified: arguments.email_verified,
        display_name: arguments.name,
        roles: arguments.role,
        identity,
    }
}

impl From<Standing> for UserStatus {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Active => Self::Active,
            Standing::Inactive => Self::Inactive,
            Standing::Deactivated => Self::Deactivated,
        }
    }
}
