package branch

// Which changed files are not worth reading as source: generated, vendored, binary, too large.

import (
	"bytes"
	"context"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// lockFiles are written by package managers.
var lockFiles = map[string]bool{
	"package-lock.json": true, "npm-shrinkwrap.json": true, "yarn.lock": true, "pnpm-lock.yaml": true, "bun.lock": true,
	"bun.lockb": true, "deno.lock": true, "go.sum": true, "go.work.sum": true, "poetry.lock": true, "uv.lock": true, "pdm.lock": true,
	"pipfile.lock": true, "cargo.lock": true, "gemfile.lock": true, "composer.lock": true, "mix.lock": true, "pubspec.lock": true,
	"podfile.lock": true, "package.resolved": true, "packages.lock.json": true, "gradle.lockfile": true, "flake.lock": true,
	".terraform.lock.hcl": true, "chart.lock": true, "cartfile.resolved": true, "pixi.lock": true, "conan.lock": true,
}

// generatedEndings are the names that code generators give.
var generatedEndings = []string{
	".pb.go", ".pb.gw.go", ".pb.cc", ".pb.h", ".pb.validate.go", "_pb2.py", "_pb2_grpc.py", "_pb2.pyi", "_pb.js", "_pb.ts", "_pb.d.ts",
	".g.dart", ".freezed.dart", ".g.cs", ".designer.cs", ".min.js", ".min.css", ".min.mjs", ".js.map", ".css.map",
}

// vendoredFolders hold other people's code.
var vendoredFolders = map[string]bool{
	"vendor": true, "node_modules": true, "third_party": true, "third-party": true, "thirdparty": true,
	"bower_components": true, ".yarn": true, "site-packages": true,
}

// generatedMark is what generators write near the top; "Code generated" is Go's rule (go help generate).
var generatedMark = regexp.MustCompile(`(?m)^(?:(?://|#|--|;+|%|/?\*+|<!--|\(\*)\s*)?Code generated .*DO NOT EDIT\.?|(?:^|[\s*/#"'<!-])@generated\b`)

// headSize is how much of a file is looked at for a mark, in bytes.
const headSize = 4096

// classify marks the files. Attributes win over names and marks.
func (r *repository) classify(ctx context.Context, files []*File) error {
	given, err := r.attributes(ctx, files)
	if err != nil {
		return err
	}
	large := r.tooLarge(ctx, files)
	for _, f := range files {
		a := given[f.Path]
		f.TooLarge = large[f]
		f.Binary = f.Binary && !f.TooLarge || a["diff"] == "unset" || a["filter"] == "lfs"
		f.Vendored = choose(a["linguist-vendored"], func() bool { return isVendored(f.Path) })
		f.Generated = choose(a["linguist-generated"], func() bool { return r.isGenerated(f) })
	}
	return nil
}

// choose is what an attribute says, or what otherwise holds when it says nothing.
func choose(attribute string, otherwise func() bool) bool {
	switch attribute {
	case "set", "true":
		return true
	case "unset", "false":
		return false
	}
	return otherwise()
}

// attributes asks git for the attributes of the changed files.
func (r *repository) attributes(ctx context.Context, files []*File) (map[string]map[string]string, error) {
	var in strings.Builder
	for _, f := range files {
		in.WriteString(f.Path + "\x00")
	}
	given := map[string]map[string]string{}
	if in.Len() == 0 {
		return given, nil
	}
	out, err := r.git.filter(ctx, strings.NewReader(in.String()), "check-attr", "-z", "--stdin", "diff", "filter", "linguist-generated", "linguist-vendored")
	if err != nil {
		return nil, err
	}
	f := strings.Split(string(out), "\x00")
	for i := 0; i+2 < len(f); i += 3 {
		name, key, value := f[i], f[i+1], f[i+2]
		if value == "unspecified" {
			continue
		}
		if given[name] == nil {
			given[name] = map[string]string{}
		}
		given[name][key] = value
	}
	return given, nil
}

// tooLarge are the files with a side over MaxFile. Git calls such a file binary, so only those are asked about.
func (r *repository) tooLarge(ctx context.Context, files []*File) map[*File]bool {
	large := map[*File]bool{}
	var in strings.Builder
	var asked []*File
	for _, f := range files {
		if f.Uncommitted {
			info, err := os.Lstat(filepath.Join(r.root, f.Path))
			large[f] = err == nil && info.Mode().IsRegular() && info.Size() > MaxFile
		}
		if f.Binary {
			in.WriteString(f.sides.oldID + "\n" + f.sides.newID + "\n")
			asked = append(asked, f, f)
		}
	}
	if len(asked) == 0 {
		return large
	}
	out, _ := r.git.filter(ctx, strings.NewReader(in.String()), "cat-file", "--batch-check=%(objectsize)") // a side may be missing
	for i, line := range strings.Split(string(out), "\n") {
		if size, err := strconv.ParseInt(line, 10, 64); err == nil && size > MaxFile && i < len(asked) {
			large[asked[i]] = true
		}
	}
	return large
}

// isVendored says whether a path lies in a folder of other people's code.
func isVendored(name string) bool {
	for folder := range strings.SplitSeq(path.Dir(name), "/") {
		if vendoredFolders[folder] {
			return true
		}
	}
	return false
}

// isGenerated goes by name, then by the mark at the top, then by lines that no person writes.
func (r *repository) isGenerated(f *File) bool {
	name := strings.ToLower(path.Base(f.Path))
	if lockFiles[name] {
		return true
	}
	for _, ending := range generatedEndings {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	if f.Binary || f.TooLarge {
		return false
	}
	head := r.fileHead(f)
	return generatedMark.Match(head) || isMinified(name, head)
}

// fileHead is the start of a file as it is now, of a deleted one as it was.
func (r *repository) fileHead(f *File) []byte {
	if f.NewMode&0o170000 == 0o100000 && r.realFolder(path.Dir(f.Path)) {
		full := filepath.Join(r.root, f.Path)
		if info, err := os.Lstat(full); err == nil && info.Mode().IsRegular() {
			in, err := os.Open(full) // #nosec G304 -- a regular file of the work tree, no link on the way
			if err != nil {
				return nil
			}
			defer func() { _ = in.Close() }()
			head, _ := io.ReadAll(io.LimitReader(in, headSize))
			return head
		}
	}
	data, err := f.after()
	if data == nil && err == nil {
		data, err = f.before()
	}
	if err != nil {
		return nil // whoever reads the file gets the error
	}
	return data[:min(len(data), headSize)]
}

// isMinified says whether scripts and styles have lines that no person writes.
func isMinified(name string, head []byte) bool {
	switch path.Ext(name) {
	case ".js", ".mjs", ".cjs", ".css":
	default:
		return false
	}
	lines := 1 + bytes.Count(head, []byte("\n"))
	return len(head) >= 2000 && len(head)/lines > 500
}
