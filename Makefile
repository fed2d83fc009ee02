# The only entry. `make help` lists what there is; CI runs the same targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# rustup's default place, for shells that have not read its environment file yet.
export PATH := $(PATH):$(HOME)/.cargo/bin

.PHONY: help setup demo demo-check test test-postgres check fmt fmt-check clippy schemas schemas-check interop bench fuzz valgrind oracle

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what building and testing need (asks nothing, says nothing when all is there)
	@scripts/setup.sh

demo: ## Bring up Symbolon with a demo provider, a mock of Entra ID and an application, then say what to click
	@scripts/setup.sh demo
	cargo run -p symbolon-server --bin symbolon -- demo

demo-check: ## The same sign-ins without a browser: sign in, change a mapping rule, sign in again
	@scripts/setup.sh demo
	cargo run -p symbolon-server --bin symbolon -- demo --check

test: setup ## Run all tests: the broker on SQLite and PostgreSQL, the documentation's code, the plugins
	@scripts/test.sh

test-postgres: setup ## Run the flows of the server on PostgreSQL instead of SQLite
	SYMBOLON_TEST_DATABASE=postgres cargo test --workspace --test it

check: fmt-check clippy schemas-check test ## Everything that CI checks

fmt: ## Format all Rust code
	cargo fmt --all
	cd plugins && cargo fmt --all

fmt-check:
	cargo fmt --all -- --check
	cd plugins && cargo fmt --all -- --check

clippy: setup ## Lint all Rust code, warnings are errors
	cargo clippy --workspace --all-targets -- -D warnings
	cd plugins && cargo clippy --workspace --all-targets -- -D warnings

schemas: ## Write everything that is generated (reason codes, JSON Schemas, reference pages)
	cargo run -q -p symbolon-testkit --bin schemas
	UPDATE_SCHEMAS=1 cargo test -q -p symbolon-server --lib schemas

schemas-check:
	cargo run -q -p symbolon-testkit --bin schemas -- --check

interop: setup ## Sign in with real counterparties: oidc-provider, openid-client, mod_auth_openidc, MSAL, SAML identity providers, Chromium
	@interop/run.sh

bench: setup ## Measure: one plugin call, sign-ins per second on both databases, start, idle memory
	cargo bench -p symbolon-plugin-host
	cargo bench -p symbolon-saml
	broker/loadtest/run.sh

fuzz: ## Fuzz what plugins, uploads and SAML messages hand to the broker; FUZZ_SECONDS (60) for each target
	broker/plugin-host/fuzz/run.sh
	broker/saml/fuzz/run.sh

valgrind: ## Show that SAML's native calls lose no memory per request
	broker/saml/valgrind.sh

oracle: ## Judge the signatures of all SAML test documents by a second engine (builds 6 processor minutes once)
	broker/saml/oracle/run.sh
