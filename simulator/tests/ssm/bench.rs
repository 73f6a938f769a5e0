//! A path to keep parameters below, wherever Parameter Store is.

use crate::contract::{self, credentials, suffix};
use aws_sdk_ssm::config::{BehaviorVersion, Region};
use aws_sdk_ssm::operation::put_parameter::PutParameterOutput;
use aws_sdk_ssm::types::{Parameter, ParameterType};
use aws_sdk_ssm::{Client, Config};
use simulator::Sim;

/// An account with this path, below which there is nothing.
pub struct Bench {
    pub client: Client,
    pub path: String,
}

/// Runs a law against the one that is chosen.
pub fn on_ssm(law: impl AsyncFnOnce(&Bench)) {
    contract::on_either(law);
}

/// Runs a law that moto does not keep.
pub fn on_simulator_only(why: &str, law: impl AsyncFnOnce(&Bench)) {
    contract::on_simulator_only(why, law);
}

fn settings() -> aws_sdk_ssm::config::Builder {
    Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(credentials())
}

impl contract::Bench for Bench {
    const ADDRESS: &str = "SERIN_SSM";

    fn in_simulator(sim: &Sim) -> Bench {
        let invocation = sim.invocation("bench");
        let settings = settings()
            .http_client(invocation.http.clone())
            .sleep_impl(invocation.sleep.clone())
            .time_source(invocation.time.clone());
        Bench {
            client: Client::from_conf(settings.build()),
            path: "/serin/policies/".to_owned(),
        }
    }

    async fn at(address: &str) -> Bench {
        let http = aws_smithy_http_client::Builder::new().build_http();
        let client = Client::from_conf(settings().endpoint_url(address).http_client(http).build());
        Bench {
            client,
            path: format!("/serin-{}/policies/", suffix()),
        }
    }
}

impl Bench {
    /// A parameter's full name.
    pub fn name(&self, last: &str) -> String {
        format!("{}{last}", self.path)
    }

    /// Writes a parameter, new or not.
    pub async fn put(&self, last: &str, value: &str) -> PutParameterOutput {
        let put = self.client.put_parameter().name(self.name(last)).value(value);
        let put = put.r#type(ParameterType::String).overwrite(true).send().await;
        put.expect("written")
    }

    /// A parameter as `GetParameter` tells it.
    pub async fn told(&self, name: &str) -> Parameter {
        let reply = self.client.get_parameter().name(name).send().await;
        reply.expect("told").parameter.expect("a parameter")
    }

    /// Every page below the path, as the last parts of the names on it.
    pub async fn pages(&self, page: Option<i32>, recursive: Option<bool>) -> Vec<Vec<String>> {
        let (mut pages, mut token) = (Vec::new(), None);
        loop {
            let request = self.client.get_parameters_by_path().path(&self.path);
            let request = request.set_max_results(page).set_recursive(recursive);
            let reply = request.set_next_token(token).send().await.expect("a page");
            let names = reply.parameters().iter().filter_map(Parameter::name);
            pages.push(names.map(|name| name.replacen(&self.path, "", 1)).collect());
            token = reply.next_token;
            if token.is_none() {
                return pages;
            }
        }
    }
}
