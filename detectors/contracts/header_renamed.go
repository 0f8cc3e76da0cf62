package contracts

// Headers that a program sends, with its requests (webhooks) or its answers, and that others read by their old name.

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	headerForm = lazy.New(`^(?:X-[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*|[A-Z][a-z0-9]+(?:-[A-Z0-9][A-Za-z0-9]*)+)$`)
	// headerSets is the code before a header's name where it is sent: Header.Set(, .header(, headers: {, ['...' =>, setHeader(.
	headerSets = lazy.New(`(?i)(?:header\w*[^\n]{0,60}|\.set\(\s*|\.append\(\s*|\.add\(\s*|withHeader\(\s*|(?:const|static|final|let|var)\b[^\n=]{0,60}=\s*|=>[^\n]{0,80},\s*|[\[{,(]\s*)["'\x60]?$`)
	headersUse = lazy.New(`(?i)header`)
)

// sentHeaders are the headers that a file names, by name, with their lines.
func sentHeaders(f *source.File) map[string]int {
	list := map[string]int{}
	if f == nil || !headersUse.Match(f.Text) {
		return list
	}
	for _, s := range f.Strings {
		if !headerForm.MatchString(s.Value) || len(s.Value) > 60 {
			continue
		}
		from := max(0, s.Span.Start-120)
		before := string(f.Text[from:s.Span.Start])
		if before = before[strings.LastIndexByte(before, '\n')+1:]; strings.TrimSpace(before) == "" || headerSets.MatchString(before) {
			list[s.Value] = s.Span.Line
		}
	}
	return list
}

// renamedHeaders reports who still reads or sends a header that one file of the branch gave another name.
func (t *routeTable) renamedHeaders(f *branch.File) error {
	old, now := sentHeaders(t.before.file(cmpOr(f.OldPath, f.Path))), sentHeaders(t.after.file(f.Path))
	var gone, added []string
	for _, h := range keysOf(old) {
		if !slices.ContainsFunc(keysOf(now), func(n string) bool { return strings.EqualFold(n, h) }) {
			gone = append(gone, h)
		}
	}
	for _, h := range keysOf(now) {
		if !slices.ContainsFunc(keysOf(old), func(n string) bool { return strings.EqualFold(n, h) }) {
			added = append(added, h)
		}
	}
	if len(gone) != 1 || len(added) != 1 || len(strings.Split(gone[0], "-")) < 2 || slices.ContainsFunc(standardHeaders, func(s string) bool { return strings.EqualFold(s, gone[0]) }) {
		return nil
	}
	return t.reportHeader(gone[0], added[0], f.Path, now[added[0]])
}

// standardHeaders are those of HTTP itself (RFC 9110): everybody names them, for reasons of their own.
var standardHeaders = []string{
	"Content-Type", "Content-Length", "Content-Encoding", "Content-Disposition", "Content-Language", "Cache-Control", "User-Agent", "Accept-Language", "Accept-Encoding",
	"If-None-Match", "If-Match", "If-Modified-Since", "Last-Modified", "Retry-After", "Set-Cookie", "Transfer-Encoding", "WWW-Authenticate", "X-Forwarded-For",
	"X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "X-Requested-With", "X-Frame-Options", "X-Content-Type-Options", "X-XSS-Protection",
	"Strict-Transport-Security", "Content-Security-Policy", "Referrer-Policy", "Permissions-Policy", "X-Request-Id", "X-Correlation-Id", "X-Api-Key",
	"Access-Control-Allow-Origin", "Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Max-Age",
	"Access-Control-Allow-Credentials", "Access-Control-Request-Method", "X-Powered-By", "X-Robots-Tag", "Accept-Ranges", "Content-Range", "Proxy-Authorization",
}

func (t *routeTable) reportHeader(old, now, at string, line int) error {
	t.headers = append(t.headers, strings.ToLower(old))
	rack := "HTTP_" + strings.ToUpper(strings.ReplaceAll(old, "-", "_"))
	spelled := slices.Compact(slices.Sorted(slices.Values([]string{old, strings.ToLower(old), rack, strings.TrimPrefix(rack, "HTTP_")})))
	naming, err := t.pass.Source.Naming(t.pass.Context, spelled...)
	if err != nil {
		return err
	}
	var files []string
	for _, s := range spelled {
		files = append(files, naming[s]...)
	}
	slices.Sort(files)
	uses := regexp.MustCompile(`(?i)["'\x60\s(:$]` + regexp.QuoteMeta(old) + `(?:["'\x60]?\s*[:,=\]})]|["'\x60;]|\s*$)|\b` + rack + `\b`)
	for i, p := range slices.Compact(files) {
		if i >= maxCandidates || p == at || skipped(p) || noCaller.MatchString(p) || otherVersion(p, at) {
			continue
		}
		text, err := t.pass.Branch.ReadHead(p)
		if err != nil || len(text) > branch.MaxFile || strings.Contains(strings.ToLower(string(text)), strings.ToLower(now)+`"`) || namesWhole(string(text), now) || !asksWeb.Match(text) && !headersUse.Match(text) {
			continue
		}
		row := 0
		for i, r := range strings.Split(string(text), "\n") {
			if len(r) < 4000 && uses.MatchString(r) {
				row = i + 1
				break
			}
		}
		if row == 0 || touched(t.pass.Branch, p, row) {
			continue
		}
		t.pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: p, Line: row, Symbol: old,
			Message:  fmt.Sprintf("still names the header %q; the branch renamed it to %q", old, now),
			Why:      "Whoever reads a header by its old name finds nothing there: signatures are refused and counts are empty, without an error on the sender's side.",
			Fix:      fmt.Sprintf("Use %q here, or send both headers until every reader has followed.", now),
			Related:  []detectors.Related{{Path: at, Line: line, Message: fmt.Sprintf("names %q now", now)}},
			Evidence: []string{old, now, "header"},
		})
	}
	return nil
}
