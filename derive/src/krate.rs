//! Finds the crate that the generated code refers to.

use std::env;
use std::fs;
use std::path::{Path as FilePath, PathBuf};

use proc_macro2::Span;
use syn::{Ident, Path, parse_quote_spanned};

use crate::manifest::each_string_or_flag;

/// The package that is looked for.
const PACKAGE: &str = "tricycle";

/// The path of `tricycle`: `::tricycle`, or `::` and the name by which the manifest of the crate that is being compiled
/// depends on it.
///
/// Without a manifest, or a dependency in it, nobody has renamed anything that we could know of.
pub(crate) fn find() -> Path {
    let span = Span::mixed_site();
    let name = env::var_os("CARGO_MANIFEST_DIR").and_then(|folder| name_in(FilePath::new(&folder)));
    // The crate itself calls itself by its name, and so do its tests and examples.
    let name = name.map_or_else(|| PACKAGE.to_owned(), |name| name.replace('-', "_"));
    // Nothing keeps a dependency from being called `async`.
    let mut name = syn::parse_str(&name).unwrap_or_else(|_| Ident::new_raw(&name, span));
    name.set_span(span);
    parse_quote_spanned!(span=> ::#name)
}

/// What the package in `folder` calls `tricycle`, if it depends on it.
fn name_in(folder: &FilePath) -> Option<String> {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
    let root = || workspace_manifest(folder, &manifest);
    name_of(&manifest, root)
}

/// What a package with this manifest calls `tricycle`, if it depends on it. Asks for the manifest of the workspace if that has to say
/// what a dependency is.
fn name_of(manifest: &str, workspace: impl FnOnce() -> Option<String>) -> Option<String> {
    let dependencies = dependencies(manifest, |path| match path {
        [target, _, rest @ ..] if target == "target" => rest,
        _ => path,
    });
    if let Some(found) = dependencies.iter().find(|dependency| !dependency.inherited && dependency.is_ours()) {
        return Some(found.name.clone());
    }
    let mut inherited = dependencies.into_iter().filter(|dependency| dependency.inherited).peekable();
    inherited.peek()?;
    // Without the workspace's manifest, a dependency is what it is called.
    let all = workspace().map(|manifest| {
        self::dependencies(&manifest, |path| match path {
            [workspace, rest @ ..] if workspace == "workspace" => rest,
            _ => &[],
        })
    });
    let is_ours = |name: &str| match all.iter().flatten().find(|dependency| dependency.name == name) {
        Some(dependency) => dependency.is_ours(),
        None => name == PACKAGE,
    };
    inherited.find(|dependency| is_ours(&dependency.name)).map(|dependency| dependency.name)
}

/// An entry of a table of dependencies.
#[derive(Debug, Default)]
struct Dependency {
    name: String,
    /// Its package, if it is called something else.
    package: Option<String>,
    /// The manifest of the workspace says what it is.
    inherited: bool,
}

impl Dependency {
    fn is_ours(&self) -> bool {
        self.package.as_ref().unwrap_or(&self.name) == PACKAGE
    }
}

/// The dependencies of a manifest. `strip` takes off what stands in front of the name of their table; nothing is left of other paths.
fn dependencies(manifest: &str, strip: impl Fn(&[String]) -> &[String]) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    each_string_or_flag(manifest, |path, value| {
        let [table, name, rest @ ..] = strip(path) else { return };
        if !matches!(table.as_str(), "dependencies" | "dev-dependencies" | "build-dependencies") {
            return;
        }
        let at = found.iter().position(|dependency| dependency.name == *name).unwrap_or_else(|| {
            found.push(Dependency { name: name.clone(), ..Dependency::default() });
            found.len() - 1
        });
        match rest {
            [key] if key == "package" => found[at].package = Some(value.to_owned()),
            [key] if key == "workspace" => found[at].inherited = value == "true",
            _ => {}
        }
    });
    found
}

/// The manifest of the workspace of the package in `folder`.
fn workspace_manifest(folder: &FilePath, manifest: &str) -> Option<String> {
    let mut named = None;
    each_string_or_flag(manifest, |path, value| {
        if matches!(path, [package, workspace] if package == "package" && workspace == "workspace") {
            named = Some(value.to_owned());
        }
    });
    if let Some(named) = named {
        return fs::read_to_string(folder.join(named).join("Cargo.toml")).ok();
    }
    let folder = folder.canonicalize().unwrap_or_else(|_| PathBuf::from(folder));
    folder.ancestors().find_map(|folder| {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).ok()?;
        let mut is_root = false;
        each_string_or_flag(&manifest, |path, _| is_root |= path.first().is_some_and(|table| table == "workspace"));
        is_root.then_some(manifest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(manifest: &str) -> Option<String> {
        name_of(manifest, || unreachable!("nothing is inherited"))
    }

    #[test]
    fn by_its_name() {
        assert_eq!(called("[dependencies]\ntricycle = \"1\"").as_deref(), Some("tricycle"));
        assert_eq!(called("[dev-dependencies.tricycle]\nversion = '1'").as_deref(), Some("tricycle"));
        assert_eq!(called("[package]\nname = \"tricycle\"\n[dependencies]\nsyn = \"2\""), None);
    }

    #[test]
    fn renamed() {
        for manifest in [
            "[dependencies]\ngc = { version = \"1\", package = \"tricycle\" }",
            "[dependencies]\nother = '1'\ngc.version = \"1\"\ngc.package = 'tricycle'",
            "[build-dependencies.gc]\nfeatures = [\"a\", { b = \"]\" }] # package = \"other\"\npackage = \"\\u0074ricycle\"",
            "[target.'cfg(target_os = \"none\")'.dependencies]\n\"gc\" = { package = \"\"\"tricycle\"\"\" }",
            "dependencies = { gc = { package = \"tricycle\", version = \"1\" } }",
        ] {
            assert_eq!(called(manifest).as_deref(), Some("gc"), "{manifest}");
        }
        assert_eq!(called("[dependencies]\ntricycle = { package = \"other\", version = \"1\" }"), None);
    }

    /// The workspace says what an inherited dependency is.
    #[test]
    fn inherited() {
        let member = "[dependencies]\ntricycle.workspace = true\ngc = { workspace = true }";
        let root =
            |dependencies: &str| Some(format!("[workspace]\nmembers = []\n[workspace.dependencies]\n{dependencies}"));
        let name = |dependencies: &str| name_of(member, || root(dependencies));
        assert_eq!(name("tricycle = \"1\"\ngc = \"1\"").as_deref(), Some("tricycle"));
        assert_eq!(name("tricycle = { package = \"a\" }\ngc = { package = \"tricycle\" }").as_deref(), Some("gc"));
        assert_eq!(name("tricycle = { package = \"a\" }\ngc = \"1\""), None);
        assert_eq!(name_of(member, || None).as_deref(), Some("tricycle"));
    }

    /// This package's own manifest, and that of the workspace, are read to their ends.
    #[test]
    fn real_ones() {
        let folder = FilePath::new(env!("CARGO_MANIFEST_DIR"));
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        assert!(dependencies(&manifest, |path| path).iter().any(|dependency| dependency.name == "syn"));
        assert_eq!(name_in(folder).as_deref(), Some("tricycle"));
        assert!(workspace_manifest(folder, &manifest).unwrap().contains("[workspace"));
    }
}
