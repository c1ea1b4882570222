#!/usr/bin/env bash
# What the documents refer to is there: headings, files, invariants, orderings, scripts; and INTERNALS and GUIDE list all of their
# sections.
# (`cargo doc` checks the names of Rust items.)
source "$(dirname "$0")/lib.sh"

python3 - <<'PYTHON'
import pathlib, re, sys

wrong = []
def expect(there, where, what):
    if not there:
        wrong.append(f"{where}: {what}")

def prose(path):
    """The text without its blocks of code."""
    return re.sub(r"^ *```.*?^ *```", "", path.read_text(), flags=re.M | re.S)

def headings(text):
    return [(len(marks), title) for marks, title in re.findall(r"^(#+) (.*)$", text, re.M)]

def slug(title):
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")

documents = [*map(pathlib.Path, ["README.md", "CONTRIBUTING.md", "SECURITY.md", "benches/README.md"]), *pathlib.Path("docs").rglob("*.md")]
targets = {path: {slug(title) for _, title in headings(prose(path))} | set(re.findall(r'<a id="(\w+)">', path.read_text())) for path in documents}
for path in documents:
    text = prose(path)
    for link in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r"^\[[^\]]+\]: (\S+)$", text, re.M):
        if re.match(r"https?:|crate\b", link):
            continue
        file, _, heading = link.partition("#")
        target = (path.parent / file) if file else path
        expect(target.exists(), path, f"there is no {link}")
        if heading and target in targets:
            expect(heading in targets[target], path, f"there is no heading or anchor for {link}")
    for script in re.findall(r"`(ci/\w+\.sh|\.ci/run)", text):
        expect(pathlib.Path(script).exists(), path, f"there is no {script}")

internals, guide = pathlib.Path("docs/INTERNALS.md"), pathlib.Path("docs/GUIDE.md")
for document, levels in [(internals, (2, 3)), (guide, (2,))]:
    text = prose(document)
    contents = re.findall(r"^ *(?:\d+\.|-) \[([^\]]+)\]\(#[^)]*\)$", text, re.M)
    sections = [title for level, title in headings(text) if level in levels and title != "Contents"]
    expect(contents == sections, document, f"the contents differ from the sections: {set(contents) ^ set(sections) or 'order'}")
text = prose(internals)
for file in set(re.findall(r"`((?:\w+/)*\w+\.rs)`", text)):
    places = [pathlib.Path("src/raw", file), pathlib.Path("src", file), pathlib.Path(file)]
    # `atomic.rs` after `count/local.rs`, in a list of files of one folder.
    expect(any(place.exists() for place in places) or ("/" not in file and list(pathlib.Path("src/raw").rglob(file))), internals, f"there is no {file}")
# "`create` in `handle/create.rs`": a function or a type of that file.
for name, file in set(re.findall(r"`(\w+)`\s+in\s+`((?:\w+/)*\w+\.rs)`", text)):
    place = pathlib.Path("src/raw", file)
    expect(place.exists() and re.search(rf"\b(fn|struct) {name}\b", place.read_text()), internals, f"there is no {name} in {file}")
for source in pathlib.Path("src").rglob("*.rs"):
    for kind, number in set(re.findall(r"\[([IO])(\d+)\]", source.read_text())):
        # `[O1]` is an example, in src/raw/base/sync.rs.
        expect(f"{kind.lower()}{number}" in targets[internals] or (kind, number) == ("O", "1"), source, f"INTERNALS has no [{kind}{number}]")

print("\n".join(wrong))
sys.exit(bool(wrong))
PYTHON
