//! The edge of HTTP: who is let in, what is read, and the form of each answer.

use super::hub::Hub;
use super::served::{NOW, SECRET, Served, answer, header, token, tokens};
use super::story::filled;
use crate::harness::on_both;
use crate::store::fixture::time;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

const VIEWER: &str = r#"{"query": "{ viewer { subject departments } }"}"#;
const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";
const JSON: &str = "application/json; charset=utf-8";

/// A token with claims of one's own.
fn signed(algorithm: jsonwebtoken::Algorithm, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(SECRET.as_bytes())).unwrap()
}

fn claims(change: &Value) -> Value {
    let now = time(NOW).timestamp();
    let mut claims =
        json!({"iss": "onefold", "aud": "onefold", "sub": "ann", "exp": now + 60, "departments": ["billing"]});
    for (name, value) in change.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

#[tokio::test]
async fn whoever_has_no_valid_token_is_told_which_code() {
    use jsonwebtoken::Algorithm::{HS256, HS384};
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let now = time(NOW).timestamp();
        let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
        let unsigned = format!("{}.{}.", part(r#"{"alg": "none"}"#), part(&claims(&json!({})).to_string()));
        let bearer = |token: String| Some(format!("Bearer {token}"));
        for (credentials, code) in [
            (None, "TOKEN_MISSING"),
            (Some("Bearer".to_owned()), "TOKEN_MISSING"),
            (Some("Basic YW5uOmFubg==".to_owned()), "TOKEN_MISSING"),
            (bearer("not a token".to_owned()), "TOKEN_MISSING"),
            (bearer("rubbish".to_owned()), "TOKEN_MALFORMED"),
            (bearer("a.b.c".to_owned()), "TOKEN_MALFORMED"),
            (bearer(unsigned), "TOKEN_ALGORITHM"),
            (bearer(signed(HS384, &claims(&json!({})))), "TOKEN_ALGORITHM"),
            (
                bearer(token(&tokens("another secret, also long enough", "onefold", "onefold"), &["billing"], NOW)),
                "TOKEN_SIGNATURE",
            ),
            (bearer(token(&tokens(SECRET, "somebody", "onefold"), &["billing"], NOW)), "TOKEN_ISSUER"),
            (bearer(token(&tokens(SECRET, "onefold", "somebody"), &["billing"], NOW)), "TOKEN_AUDIENCE"),
            (bearer(token(&tokens(SECRET, "onefold", "onefold"), &["billing"], NOW - 601)), "TOKEN_EXPIRED"),
            (bearer(token(&tokens(SECRET, "onefold", "onefold"), &[], NOW)), "TOKEN_NO_DEPARTMENT"),
            (bearer(signed(HS256, &claims(&json!({"nbf": now + 30})))), "TOKEN_NOT_YET_VALID"),
            (bearer(signed(HS256, &claims(&json!({"sub": "system:fold"})))), "TOKEN_MALFORMED"),
            (bearer(signed(HS256, &claims(&json!({"exp": null})))), "TOKEN_MALFORMED"),
            (bearer("x".repeat(9_000)), "TOKEN_TOO_LARGE"),
        ] {
            for method in ["POST", "GET"] {
                let mut request = served.bare(method, "/graphql?query=%7Bviewer%7Bsubject%7D%7D");
                if let Some(credentials) = &credentials {
                    request = request.header("authorization", credentials);
                }
                let response = request.header("content-type", "application/json").body(VIEWER).send().await.unwrap();
                assert_eq!(response.status(), 401, "{code}");
                let challenge = header(&response, "www-authenticate");
                assert!(challenge.starts_with("Bearer realm=\"onefold\""), "{challenge}");
                assert_eq!(challenge.contains("error=\"invalid_token\""), code != "TOKEN_MISSING", "{challenge}");
                assert_eq!(header(&response, "content-type"), JSON);
                let body: Value = response.json().await.unwrap();
                assert_eq!(body["errors"][0]["extensions"]["code"], code, "{body}");
                assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
                let message = body["errors"][0]["message"].as_str().unwrap();
                let secret =
                    credentials.as_deref().and_then(|text| text.strip_prefix("Bearer ")).filter(|t| t.len() > 20);
                assert!(secret.is_none_or(|secret| !message.contains(secret)), "no token in a message");
            }
        }
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_document_is_posted_or_stands_in_the_address() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 2).await;
        let served = Served::start(&hub).await;
        let viewer = json!({"subject": "ann", "departments": ["billing"]});
        let (status, media, body) = answer(served.post(VIEWER)).await;
        assert_eq!((status, media.as_str()), (200, JSON));
        assert_eq!(body["data"]["viewer"].to_string(), viewer.to_string());
        assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["data", "extensions"]);

        let query = "query Two($n: Int!) { customers(first: $n) { nodes { id } } } query Other { viewer { subject } }";
        let whole =
            json!({"query": query, "operationName": "Two", "variables": {"n": 2}, "extensions": {}, "id": null});
        let (_, _, posted) = answer(served.post(whole.to_string())).await;
        assert_eq!(posted["data"]["customers"]["nodes"].as_array().unwrap().len(), 2, "{posted}");
        let token = Served::token(&["billing"]);
        let get = served.bare("GET", "/graphql").bearer_auth(&token);
        let get = get.query(&[("query", query), ("operationName", "Two"), ("variables", r#"{"n": 2}"#)]);
        assert_eq!(answer(get).await.2["data"], posted["data"]);
        let nulls = json!({"query": "{ viewer { subject } }", "operationName": null, "variables": null});
        assert_eq!(answer(served.post(nulls.to_string())).await.0, 200);
        let lower = served
            .bare("GET", "/graphql?query=%7Bviewer%7Bsubject%7D%7D")
            .header("authorization", format!("bearer  {token}"));
        assert_eq!(answer(lower).await.0, 200, "the scheme has no case");
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_no_request_is_refused_by_status() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        for body in [
            "",
            "{",
            "[]",
            "\"x\"",
            "{\"query\": 1}",
            "{\"query\": \"{ viewer }\", \"variables\": [1]}",
            "{}",
            "{\"query\": \"\"}",
        ] {
            let (status, _, answer) = answer(served.post(body)).await;
            assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (400, &json!("BAD_REQUEST")), "{body}");
        }
        for media in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
            let request = served.bare("POST", "/graphql").bearer_auth(Served::token(&["billing"]));
            let (status, _, answer) = answer(request.header("content-type", media).body(VIEWER)).await;
            assert_eq!(
                (status, &answer["errors"][0]["extensions"]["code"]),
                (415, &json!("UNSUPPORTED_MEDIA_TYPE")),
                "{media}"
            );
        }
        let spaced = served.bare("POST", "/graphql").bearer_auth(Served::token(&["billing"]));
        assert_eq!(answer(spaced.header("content-type", "application/json ; charset=utf-8").body(VIEWER)).await.0, 200);
        let large = json!({"query": "{ viewer { subject } }", "variables": {"x": "x".repeat(1_100_000)}});
        let (status, _, body) = answer(served.post(large.to_string())).await;
        assert_eq!((status, &body["errors"][0]["extensions"]["code"]), (413, &json!("REQUEST_TOO_LARGE")));
        let get = |query: &str| {
            let request = served.bare("GET", "/graphql").bearer_auth(Served::token(&["billing"]));
            request.query(&[("query", query)])
        };
        let mutation = get("mutation { syncStart(input: {source: \"stripe\"}) { run { id } } }").send().await.unwrap();
        assert_eq!((mutation.status().as_u16(), header(&mutation, "allow").as_str()), (405, "POST"));
        // What is run counts, not what stands beside it.
        let beside = |name: &str| {
            let both = "query A { viewer { subject } } mutation B { syncStart(input: {source: \"s\"}) { run { id } } }";
            get(both).query(&[("operationName", name)])
        };
        assert_eq!((answer(beside("A")).await.0, answer(beside("B")).await.0), (200, 405));
        for extensions in ["\"x\"", "1", "true", "[]"] {
            let body = format!("{{\"query\": \"{{ viewer {{ subject }} }}\", \"extensions\": {extensions}}}");
            assert_eq!(answer(served.post(body)).await.0, 400, "{extensions}");
        }
        let no_query = served.bare("GET", "/graphql").bearer_auth(Served::token(&["billing"]));
        assert_eq!(answer(no_query).await.0, 400);
        assert_eq!(answer(get("{ viewer { subject } }").query(&[("variables", "[1]")])).await.0, 400);
        for method in ["PUT", "DELETE", "PATCH"] {
            assert_eq!(served.bare(method, "/graphql").send().await.unwrap().status(), 405, "{method}");
        }
        assert_eq!(served.bare("GET", "/nowhere").send().await.unwrap().status(), 404);
        served.stop().await;
    })
    .await;
}

/// GraphQL over HTTP, draft of 2025: the new media type tells by status whether the document was run.
#[tokio::test]
async fn the_answer_has_the_form_that_was_asked_for() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let good = json!({"query": "{ viewer { subject } }"});
        let invalid = json!({"query": "{ viewer { shoeSize } }"});
        let unread = json!({"query": "{ viewer { subject }"});
        let no_variable = json!({"query": "query($n: Int!) { customers(first: $n) { totalCount } }"});
        let too_large = json!({"query": format!("{{ {} }}", "viewer { subject } ".repeat(3_000))});
        // A field that may not be null fails, so that all of the data is null: the document was run.
        let failed = json!({"query": "{ customers(first: 999) { totalCount } }"});
        for (document, was_run, has_errors) in [
            (&good, true, false),
            (&invalid, false, true),
            (&unread, false, true),
            (&no_variable, false, true),
            (&too_large, false, true),
            (&failed, true, true),
        ] {
            for (accept, media) in [
                (None, JSON),
                (Some("*/*"), JSON),
                (Some("application/json"), JSON),
                (Some("application/*;q=0.5"), JSON),
                (Some("application/graphql-response+json"), GRAPHQL),
                (Some("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"), GRAPHQL),
                (Some("text/css, application/json"), JSON),
            ] {
                let mut request = served.post(document.to_string());
                if let Some(accept) = accept {
                    request = request.header("accept", accept);
                }
                let (status, found, body) = answer(request).await;
                assert_eq!(found, media, "{accept:?}");
                assert_eq!(status, if was_run || media == JSON { 200 } else { 400 }, "{accept:?} {document} {body}");
                assert_eq!(body.get("data").is_some(), was_run, "{accept:?} {document} {body}");
                assert_eq!(body.get("errors").is_some(), has_errors, "{body}");
                assert_eq!(body.get("extensions").is_some(), was_run, "{body}");
            }
        }
        let (status, media, body) = answer(served.post(VIEWER).header("accept", "image/png")).await;
        assert_eq!(
            (status, media.as_str(), &body["errors"][0]["extensions"]["code"]),
            (406, JSON, &json!("NOT_ACCEPTABLE"))
        );
        served.stop().await;
    })
    .await;
}

#[tokio::test]
async fn a_browser_gets_a_page_that_needs_no_other_host() {
    on_both(|store| async move {
        let served = Served::start(&Hub::open(&store).await).await;
        let home = served.bare("GET", "/").send().await.unwrap();
        assert_eq!(home.status(), 200, "the console, or how to get it");
        let policy = header(&home, "content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
        let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let page = served.bare("GET", "/graphql").header("accept", accept).send().await.unwrap();
        assert_eq!(page.status(), 200, "without a token: the page asks for one");
        assert!(header(&page, "content-type").starts_with("text/html"));
        assert!(header(&page, "content-security-policy").contains("default-src 'self'"));
        let html = page.text().await.unwrap();
        assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("src=\"//"), "{html}");
        let mut files = 0;
        for attribute in ["src=\"", "href=\""] {
            for (at, _) in html.match_indices(attribute) {
                let path = html[at + attribute.len()..].split('"').next().unwrap();
                assert!(path.starts_with('/'), "{path}");
                let file = served.bare("GET", path).send().await.unwrap();
                assert_eq!(file.status(), 200, "{path}");
                files += 1;
            }
        }
        assert!(files > 0, "{html}");
        for path in ["/explorer/nothing.js", "/explorer/..%2Findex.html", "/explorer/../../Cargo.toml"] {
            assert_eq!(served.bare("GET", path).send().await.unwrap().status(), 404, "{path}");
        }
        let (status, _, health) = answer(served.bare("GET", "/health")).await;
        assert_eq!((status, &health["status"]), (200, &json!("ok")));
        served.stop().await;
    })
    .await;
}

/// The same document over the wire for two tokens: rights come from the token and from nothing else.
#[tokio::test]
async fn the_token_decides_what_is_shown() {
    on_both(|store| async move {
        let hub = Hub::open(&store).await;
        filled(&hub, 1).await;
        let served = Served::start(&hub).await;
        let document =
            json!({"query": "{ customers(filter: {minRecords: 3}) { nodes { phone invoices { totalCount } } } }"});
        let ask = |departments: &'static [&'static str]| {
            let request = served.bare("POST", "/graphql").bearer_auth(Served::token(departments));
            answer(request.header("content-type", "application/json").body(document.to_string()))
        };
        let (_, _, billing) = ask(&["billing"]).await;
        assert_eq!(
            billing["data"]["customers"]["nodes"],
            json!([{"phone": "+436601234500", "invoices": {"totalCount": 2}}])
        );
        let (_, _, marketing) = ask(&["marketing"]).await;
        assert_eq!(marketing["data"]["customers"]["nodes"], json!([{"phone": "…4500", "invoices": null}]));
        let (_, _, both) = ask(&["marketing", "billing"]).await;
        assert_eq!(both["data"], billing["data"]);
        served.stop().await;
    })
    .await;
}
