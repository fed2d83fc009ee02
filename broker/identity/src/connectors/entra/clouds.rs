//! The clouds of Microsoft Entra ID as a table (E-06, E-07). The operator may add rows, a tenant never.

use url::Url;

/// One cloud: where people sign in, who issues, where Graph is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cloud {
    /// The name in connectors' settings.
    pub name: String,
    /// Where people sign in and tokens come from, without a path.
    pub authority: Url,
    /// Other hosts of the same authority, for addresses that admins paste. Issuers never have them.
    pub aliases: Vec<String>,
    /// Microsoft Graph, without a path; none where its address is not known.
    pub graph: Option<Url>,
    /// Graph hosts that this cloud's documents may name besides `graph`.
    pub graph_aliases: Vec<String>,
    /// The audience of a federated assertion (E-52).
    pub token_exchange_audience: String,
}

impl Cloud {
    /// The issuer of a directory's v2 tokens, or the template of them with `{tenantid}` (E-02).
    #[must_use]
    pub fn issuer(&self, directory: &str) -> String {
        format!("{}{directory}/v2.0", self.authority)
    }

    /// The address of a Graph resource.
    #[must_use]
    pub fn graph_url(&self, path: &str) -> Option<Url> {
        self.graph.as_ref()?.join(&format!("v1.0/{}", path.trim_start_matches('/'))).ok()
    }

    /// Whether a document of this cloud may name this Graph host.
    #[must_use]
    pub fn has_graph_host(&self, host: &str) -> bool {
        let own = self.graph.as_ref().is_some_and(|graph| {
            let with_port = graph.port().zip(graph.host_str());
            graph.host_str() == Some(host)
                || with_port.is_some_and(|(port, name)| format!("{name}:{port}") == host)
        });
        own || self.graph_aliases.iter().any(|one| one == host)
    }

    fn has_host(&self, host: &str) -> bool {
        self.authority.host_str() == Some(host) || self.aliases.iter().any(|one| one == host)
    }
}

/// Every cloud that connectors of this broker may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clouds(Vec<Cloud>);

impl Default for Clouds {
    /// Microsoft's public clouds, by MSAL's tables of 2026-08. Germany's old cloud closed in 2021.
    fn default() -> Self {
        Self(BUILT_IN.iter().filter_map(Row::cloud).collect())
    }
}

impl Clouds {
    /// These, and `more`; a row with a known name replaces it.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = Cloud>) -> Self {
        for cloud in more {
            self.0.retain(|known| known.name != cloud.name);
            self.0.push(cloud);
        }
        self
    }

    /// A cloud by its name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Cloud> {
        self.0.iter().find(|cloud| cloud.name == name)
    }

    /// The cloud of a pasted authority's host, its aliases included.
    #[must_use]
    pub fn of_host(&self, host: &str) -> Option<&Cloud> {
        self.0.iter().find(|cloud| cloud.has_host(host))
    }

    /// The names, for messages.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|cloud| cloud.name.as_str()).collect()
    }
}

struct Row {
    name: &'static str,
    authority: &'static str,
    aliases: &'static [&'static str],
    graph: Option<&'static str>,
    graph_aliases: &'static [&'static str],
}

impl Row {
    fn cloud(&self) -> Option<Cloud> {
        let url = |host: &str| Url::parse(&format!("https://{host}/")).ok();
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        Some(Cloud {
            name: self.name.to_owned(),
            authority: url(self.authority)?,
            aliases: owned(self.aliases),
            graph: self.graph.and_then(url),
            graph_aliases: owned(self.graph_aliases),
            token_exchange_audience: "api://AzureADTokenExchange".to_owned(),
        })
    }
}

const BUILT_IN: [Row; 7] = [
    Row {
        name: "global",
        authority: "login.microsoftonline.com",
        aliases: &["login.windows.net", "login.microsoft.com", "sts.windows.net"],
        graph: Some("graph.microsoft.com"),
        graph_aliases: &[],
    },
    Row {
        name: "us_government",
        authority: "login.microsoftonline.us",
        aliases: &["login.usgovcloudapi.net"],
        graph: Some("graph.microsoft.us"),
        graph_aliases: &[],
    },
    Row {
        // The same authority, whose documents name the other Graph.
        name: "us_government_dod",
        authority: "login.microsoftonline.us",
        aliases: &[],
        graph: Some("dod-graph.microsoft.us"),
        graph_aliases: &["graph.microsoft.us"],
    },
    Row {
        name: "china",
        authority: "login.partner.microsoftonline.cn",
        aliases: &["login.chinacloudapi.cn"],
        graph: Some("microsoftgraph.chinacloudapi.cn"),
        graph_aliases: &[],
    },
    // Sovereign clouds of 2026, whose Graph hosts are not published: sign-in works, Graph does not.
    Row {
        name: "france",
        authority: "login.sovcloud-identity.fr",
        aliases: &[],
        graph: None,
        graph_aliases: &[],
    },
    Row {
        name: "germany",
        authority: "login.sovcloud-identity.de",
        aliases: &[],
        graph: None,
        graph_aliases: &[],
    },
    Row {
        name: "singapore",
        authority: "login.sovcloud-identity.sg",
        aliases: &[],
        graph: None,
        graph_aliases: &[],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entra_e06_every_cloud_has_its_own_issuer_and_graph() {
        let clouds = Clouds::default();
        assert_eq!(clouds.names().len(), BUILT_IN.len(), "every row is a URL");
        let global = clouds.find("global").unwrap();
        assert_eq!(
            global.issuer("{tenantid}"),
            "https://login.microsoftonline.com/{tenantid}/v2.0"
        );
        let me = global.graph_url("/me").unwrap();
        assert_eq!(me.as_str(), "https://graph.microsoft.com/v1.0/me");
        let china = clouds.of_host("login.chinacloudapi.cn").unwrap();
        assert_eq!(china.issuer("x"), "https://login.partner.microsoftonline.cn/x/v2.0");
        assert!(clouds.find("france").unwrap().graph_url("me").is_none());
    }

    #[test]
    fn entra_e07_a_foreign_graph_host_belongs_to_no_cloud() {
        let clouds = Clouds::default();
        let dod = clouds.find("us_government_dod").unwrap();
        assert!(
            dod.has_graph_host("graph.microsoft.us")
                && dod.has_graph_host("dod-graph.microsoft.us")
        );
        for host in ["graph.windows.net", "graph.microsoft.com.evil.example", ""] {
            assert!(!clouds.find("global").unwrap().has_graph_host(host), "{host}");
        }
    }

    #[test]
    fn the_operator_may_add_a_cloud_or_replace_one() {
        let mock = Cloud {
            name: "mock".into(),
            authority: Url::parse("http://127.0.0.1:9000").unwrap(),
            ..Clouds::default().find("global").unwrap().clone()
        };
        let clouds = Clouds::default().with([mock]);
        assert_eq!(clouds.find("mock").unwrap().issuer("t"), "http://127.0.0.1:9000/t/v2.0");
        assert!(clouds.find("global").is_some());
    }
}
