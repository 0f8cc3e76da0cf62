package gotypes

import (
	"bytes"
	"go/build"
	"go/build/constraint"
	"io"
	"path"
	"slices"
	"strings"
)

// A Build chooses among the files of a package: an operating system, an architecture and build tags. The zero value is the
// build that most people make: linux, amd64, no tags.
type Build struct {
	OS, Arch string
	// Tags are sorted and separated by commas.
	Tags string
}

func (b Build) String() string {
	var parts []string
	if b.OS != "" {
		parts = append(parts, "GOOS="+b.OS)
	}
	if b.Arch != "" {
		parts = append(parts, "GOARCH="+b.Arch)
	}
	if b.Tags != "" {
		parts = append(parts, "-tags "+b.Tags)
	}
	return strings.Join(parts, " ")
}

func (b Build) context(text []byte) *build.Context {
	c := &build.Context{
		GOOS: "linux", GOARCH: "amd64", Compiler: "gc", CgoEnabled: true, ReleaseTags: build.Default.ReleaseTags,
		JoinPath: path.Join,
		OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
	}
	if b.OS != "" {
		c.GOOS = b.OS
	}
	if b.Arch != "" {
		c.GOARCH = b.Arch
	}
	if b.Tags != "" {
		c.BuildTags = strings.Split(b.Tags, ",")
	}
	return c
}

// Matches says whether the build compiles a file, by its name and its constraints.
func (b Build) Matches(p string, text []byte) bool {
	ok, err := b.context(text).MatchFile(path.Dir(p), path.Base(p))
	return err == nil && ok
}

// BuildFor is a build that compiles a file which the default one leaves out; ok is false when the default one compiles it,
// or when none was found.
func BuildFor(p string, text []byte) (b Build, ok bool) {
	if (Build{}).Matches(p, text) {
		return b, false
	}
	tags := customTags(text)
	if len(tags) > 8 {
		return b, false
	}
	for _, b := range []Build{
		{}, {OS: "windows"}, {OS: "darwin"}, {OS: "freebsd"}, {OS: "js", Arch: "wasm"}, {OS: "wasip1", Arch: "wasm"}, {OS: "android", Arch: "arm64"},
		{OS: "ios", Arch: "arm64"}, {OS: "openbsd"}, {OS: "netbsd"}, {OS: "plan9"}, {OS: "solaris"}, {Arch: "arm64"}, {Arch: "386"}, {Arch: "arm"},
		{Arch: "riscv64"}, {Arch: "s390x"}, {Arch: "ppc64le"}, {OS: "darwin", Arch: "arm64"}, {OS: "windows", Arch: "arm64"}, {OS: "aix", Arch: "ppc64"},
	} {
		if b != (Build{}) && b.Matches(p, text) {
			return b, true
		}
		b.Tags = strings.Join(tags, ",")
		if len(tags) > 0 && b.Matches(p, text) {
			return b, true
		}
	}
	return Build{}, false
}

// customTags are the tags of a file's constraint that are asked for and name no system, architecture or release.
func customTags(text []byte) []string {
	var tags []string
	for line := range bytes.Lines(text[:min(len(text), 4000)]) {
		line := strings.TrimSpace(string(line))
		if strings.HasPrefix(line, "package ") {
			break
		}
		if !constraint.IsGoBuild(line) && !constraint.IsPlusBuild(line) {
			continue
		}
		x, err := constraint.Parse(line)
		if err != nil {
			continue
		}
		collectTags(x, false, &tags)
	}
	slices.Sort(tags)
	return slices.Compact(tags)
}

func collectTags(x constraint.Expr, negated bool, tags *[]string) {
	switch x := x.(type) {
	case *constraint.AndExpr:
		collectTags(x.X, negated, tags)
		collectTags(x.Y, negated, tags)
	case *constraint.OrExpr:
		collectTags(x.X, negated, tags)
		collectTags(x.Y, negated, tags)
	case *constraint.NotExpr:
		collectTags(x.X, !negated, tags)
	case *constraint.TagExpr:
		if !negated && !platform[x.Tag] && !strings.HasPrefix(x.Tag, "go1.") {
			*tags = append(*tags, x.Tag)
		}
	}
}

// platform are the tags that a build sets by itself (go help buildconstraint).
var platform = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(`aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 solaris
		wasip1 windows zos unix cgo gc gccgo 386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x wasm`) {
		set[word] = true
	}
	return set
}()
