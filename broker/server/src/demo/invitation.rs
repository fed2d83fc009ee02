//! What a person should do now.

use super::entra::ENTRA;
use super::setup::{CONNECTOR, TENANT};
use super::world::World;

impl World {
    /// The text that the demo prints once it runs.
    pub(super) fn invitation(&self) -> String {
        let program = std::env::args().next().unwrap_or_else(|| "symbolon".into());
        let command = format!("{program} --config {}", self.settings_file.display());
        format!(
            "\nSymbolon is running.\n\n  \
             1. Open {app}  (the demo application) and click \"Sign in\".\n  \
             2. Choose \"Sign in with Contoso\"; at the demo provider ({provider}, not Symbolon) choose \
             Alice Martin.\n  \
             3. You are back, signed in: name, e-mail, department, and the roles that the mapping \
             plugin gave.\n\n\
             Or choose \"Sign in with Microsoft\", which leads to a mock of Microsoft Entra ID ({entra}):\n\n  \
             Alice Martin         in Noxys Admins: role admin; department, job title and office from Graph\n  \
             Bob Dupont           in Noxys Viewers: role viewer\n  \
             Carol Chen           in 201 groups, too many for a token: Graph is asked; role viewer\n  \
             Dave Diaz            blocked: Microsoft refuses him on its own page\n  \
             Gina Galli           a guest of another company: refused, with a code for the admin\n\n\
             What an admin of that connector sees:\n\n  \
             {command} connector test {TENANT} {ENTRA}\n  \
             {command} connector status {TENANT} {ENTRA}\n  \
             {command} connector test-sign-in {TENANT} {ENTRA}\n\n\
             Change the rules while it runs: edit {rules} or {entra_rules}, then\n\n  \
             {command} mapping set {TENANT} {CONNECTOR} --rules {rules}\n  \
             {command} mapping set {TENANT} {ENTRA} --rules {entra_rules}\n\n\
             and click \"sign in again\". The audit trail: {command} audit export {TENANT}\n\n\
             broker               {broker}/t/{TENANT}/\n\
             demo provider        {provider}\n\
             demo application     {app}\n\
             mock of Entra ID     {entra}\n\n\
             Ctrl-C ends the demo.\n",
            app = self.application.url(),
            provider = self.provider.url(),
            entra = self.entra.authority_url(),
            rules = self.rules_file.display(),
            entra_rules = self.entra_rules_file.display(),
            broker = self.broker_url,
        )
    }
}
