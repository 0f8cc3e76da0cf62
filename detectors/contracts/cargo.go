package contracts

import (
	"path"
	"strings"

	"github.com/BurntSushi/toml"

	"flightpoll/detectors/source"
)

// A crate is one package of Cargo: https://doc.rust-lang.org/cargo/reference/manifest.html
type crate struct {
	// dir is its folder, workspace that of the workspace which builds it (its own without one).
	dir, workspace, name, version string
	// library: others can depend on it; published: it may go to a registry.
	library, published bool
	// registered: its manifest has what a registry asks for (crates.io refuses a crate without a description and a license).
	registered bool
}

// manifest is what is read of a Cargo.toml.
type manifest struct {
	Package *struct {
		Name        string `toml:"name"`
		Version     any    `toml:"version"` // "1.2.3", or { workspace = true }
		Description any    `toml:"description"`
		License     any    `toml:"license"`
		Publish     any    `toml:"publish"` // false, a list of registries, or { workspace = true }
	} `toml:"package"`
	Lib       *struct{} `toml:"lib"`
	Workspace *struct{} `toml:"workspace"`
}

func (s side) manifest(dir string) *manifest {
	p := path.Join(dir, "Cargo.toml")
	if !s.exists(p) {
		return nil
	}
	text, err := s.text(p)
	if err != nil || len(text) > 1<<20 {
		return nil
	}
	m := &manifest{}
	if _, err := toml.Decode(string(text), m); err != nil {
		return nil
	}
	return m
}

// crateOf is the crate that compiles a Rust file, nil for none.
func (s side) crateOf(p string) *crate {
	if source.LanguageOf(p) != source.Rust {
		return nil
	}
	var c *crate
	for dir := path.Dir(p); ; dir = path.Dir(dir) {
		m := s.manifest(dir)
		if m != nil && c == nil && m.Package != nil {
			c = &crate{dir: dir, workspace: dir, name: m.Package.Name, published: m.Package.Publish != false}
			c.version, _ = m.Package.Version.(string)
			c.registered = c.published && m.Package.Publish == nil && m.Package.Description != nil && m.Package.License != nil && c.version != ""
			c.library = m.Lib != nil || s.exists(path.Join(dir, "src/lib.rs"))
		}
		if m != nil && c != nil && m.Workspace != nil {
			c.workspace = dir
			return c
		}
		if dir == "." || dir == "/" {
			return c
		}
	}
}

// apart says that two Rust files belong to different workspaces: Cargo never sees them together.
func (s side) apart(a, b string) bool {
	x, y := s.crateOf(a), s.crateOf(b)
	return x != nil && y != nil && x.workspace != y.workspace
}

// ident is a crate's name as code writes it.
func (c *crate) ident() string { return strings.ReplaceAll(c.name, "-", "_") }
