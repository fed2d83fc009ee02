//! Where the API is served (B3).

use std::net::TcpListener;

use actix_web::web::Data;
use symbolon_server::app::AppState;
use symbolon_server::startup::serve_management;

use super::{Caller, read};
use crate::world::{TestBroker, answer, http, settings};

#[actix_web::test]
async fn feat_b3_the_api_can_be_kept_to_the_management_listener() {
    let variables = [("SYMBOLON__API__LISTEN_ON_MAIN", "false")];
    let world = TestBroker::start_with(&variables).await;
    let contoso = world.tenant("contoso").await;
    let caller = Caller::manager(&contoso).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let management = format!("http://{}", listener.local_addr().unwrap());
    let state =
        AppState::new(world.broker.clone(), settings(&world.url, &world.database, &variables));
    let server = serve_management(Data::new(state.unwrap()), listener).unwrap();
    let handle = server.handle();
    actix_web::rt::spawn(server);

    let on_main = caller.request("GET", "/connectors").send().await.unwrap();
    assert_eq!(on_main.status().as_u16(), 404);
    assert_eq!(answer(http().get(format!("{}/api/v1/openapi.json", world.url))).await.0, 404);
    let url = format!("{management}/api/v1/tenants/contoso/connectors");
    let there = http().get(&url).bearer_auth(&caller.key).send().await.unwrap();
    assert_eq!(read(there).await.0, 200);
    assert_eq!(read(http().get(&url).send().await.unwrap()).await.0, 401);
    assert_eq!(answer(http().get(format!("{management}/livez"))).await.0, 200);
    drop(handle.stop(false));
}
