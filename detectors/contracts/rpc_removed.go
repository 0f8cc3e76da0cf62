package contracts

import (
	"bytes"
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/contracts/protobuf"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// RPCRemoved finds scripts, clients without compiler and gateways that still name an rpc which the branch renamed or removed.
var RPCRemoved = &detectors.Detector{
	ID:    "contracts/rpc-removed",
	Title: "A script, a gateway or a client still calls an rpc that the branch removed",
	Run:   runRPC,
}

// An rpc is one method of a service.
type rpc struct {
	pkg, service, name, file string
	line                     int
}

func rpcsIn(f *protobuf.File) []rpc {
	if f.Err != nil || f.Desc == nil {
		return nil
	}
	var list []rpc
	services := f.Desc.Services()
	for i := range services.Len() {
		s := services.Get(i)
		for j := range s.Methods().Len() {
			m := s.Methods().Get(j)
			line := f.Desc.SourceLocations().ByDescriptor(m).StartLine + 1
			list = append(list, rpc{string(f.Desc.Package()), string(s.Name()), string(m.Name()), f.Path, line})
		}
	}
	return list
}

func runRPC(pass *detectors.Pass) error {
	olds := protobuf.NewSet(pass.Context, protoTree(side{pass.Branch, pass.Source, true}))
	news := protobuf.NewSet(pass.Context, protoTree(side{pass.Branch, pass.Source, false}))
	var old, now []rpc
	for _, f := range pass.Branch.Files {
		p := cmp.Or(f.OldPath, f.Path)
		if path.Ext(p) != ".proto" || f.TooLarge || f.Vendored || !declares(p) {
			continue
		}
		if f.Status != branch.Added {
			old = append(old, rpcsIn(olds.File(p))...)
		}
		if f.Status != branch.Deleted {
			now = append(now, rpcsIn(news.File(f.Path))...)
		}
	}
	if len(old) == 0 {
		return detectors.ErrNotApplicable
	}
	for _, r := range old {
		if slices.ContainsFunc(now, func(n rpc) bool { return n.service == r.service && n.name == r.name && n.pkg == r.pkg }) {
			continue
		}
		if err := reportRPC(pass, r, old, now); err != nil {
			return err
		}
	}
	return nil
}

// renamedRPC is the one rpc that the branch added to the same service.
func renamedRPC(r rpc, old, now []rpc) (rpc, bool) {
	var added []rpc
	for _, n := range now {
		if n.service == r.service && !slices.ContainsFunc(old, func(o rpc) bool { return o.service == n.service && o.name == n.name }) {
			added = append(added, n)
		}
	}
	if len(added) == 1 {
		return added[0], true
	}
	return rpc{}, false
}

var humps = lazy.New(`([a-z0-9])([A-Z])`)

func reportRPC(pass *detectors.Pass, r rpc, old, now []rpc) error {
	snake := strings.ToLower(humps.ReplaceAllString(r.name, "${1}_$2"))
	camel := strings.ToLower(r.name[:1]) + r.name[1:]
	naming, err := pass.Source.Naming(pass.Context, r.name, snake, camel)
	if err != nil {
		return err
	}
	files := slices.Concat(naming[r.name], naming[snake], naming[camel])
	slices.Sort(files)
	story, line := "removed "+r.name+" from "+r.service, 0
	if n, ok := renamedRPC(r, old, now); ok {
		story, line = fmt.Sprintf("renamed %s of %s to %s", r.name, r.service, n.name), n.line
	}
	for i, p := range slices.Compact(files) {
		if i >= maxCandidates || path.Ext(p) == ".proto" || skipped(p) || generatedPath.MatchString(p) || otherVersion(p, r.file) {
			continue
		}
		text, err := pass.Branch.ReadHead(p)
		if err != nil || bytes.Contains(text[:min(len(text), generatedHead)], []byte("DO NOT EDIT")) {
			continue
		}
		at := r.calledIn(p, string(text), snake, camel)
		if changed := pass.Branch.File(p); at == 0 || changed != nil && changed.Touched(at) {
			continue
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: at, Symbol: r.name,
			Message:  fmt.Sprintf("still calls %s of %s; the branch %s", r.name, r.service, story),
			Why:      "No compiler reads this place; the server answers UNIMPLEMENTED from now on.",
			Fix:      "Call the new rpc here, or keep the old one, deprecated, until every caller has followed.",
			Related:  []detectors.Related{{Path: r.file, Line: line, Message: "the branch " + story + " here"}},
			Evidence: []string{r.service, r.name, story},
		})
	}
	return nil
}

// calledIn is the first line of a text that calls the rpc: by its full name ("pkg.Service/Method"), or, in languages
// without a compiler, as a method of a stub in a file that names the service.
func (r rpc) calledIn(p, text, snake, camel string) int {
	full := regexp.MustCompile(`\b` + regexp.QuoteMeta(r.service) + `[./]` + regexp.QuoteMeta(r.name) + `\b`)
	if r.pkg != "" {
		if at := regexp.MustCompile(`\b` + regexp.QuoteMeta(r.pkg+".") + full.String()[2:]).FindStringIndex(text); at != nil {
			return 1 + strings.Count(text[:at[0]], "\n")
		}
	}
	untyped := false
	switch source.LanguageOf(p) {
	case source.Python, source.Ruby, source.JavaScript, source.PHP:
		untyped = true
	case "":
		if at := full.FindStringIndex(text); at != nil {
			return 1 + strings.Count(text[:at[0]], "\n")
		}
	default: // a compiler tells
	}
	if !untyped || !strings.Contains(text, r.service) {
		return 0
	}
	names := []string{r.name, camel}
	if source.LanguageOf(p) == source.Ruby {
		names = []string{snake}
	}
	method := regexp.MustCompile(`\b(?:[\w@$]*(?:[sS]tub|[cC]lient|[cC]hannel|[sS]ervice|[aA]pi|rpc|grpc)\w*)(?:\.|->|&\.)(?:` + strings.Join(names, "|") + `)\(`)
	if at := method.FindStringIndex(text); at != nil {
		return 1 + strings.Count(text[:at[1]], "\n")
	}
	return 0
}
