//! `symbolon-componentize IN.wasm OUT.wasm`: encodes a core module as a component and validates it.

use anyhow::{Context as _, Result, bail};
use wit_component::ComponentEncoder;

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(input), Some(output), None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        bail!("usage: symbolon-componentize IN.wasm OUT.wasm");
    };
    let module = std::fs::read(&input).with_context(|| format!("reading {}", input.display()))?;
    let component = ComponentEncoder::default()
        .validate(true)
        .module(&module)
        .context("the module carries no WIT metadata that fits it")?
        .encode()
        .context("encoding failed; does the plugin import something?")?;
    std::fs::write(&output, component).with_context(|| format!("writing {}", output.display()))
}
