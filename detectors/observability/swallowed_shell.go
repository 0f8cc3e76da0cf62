package observability

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/languages/shell"
)

var (
	// shellWork are programs that copy, load or send, and whose failure matters.
	shellWork = lazy.New(`^(?:rclone|rsync|scp|sftp|aws|gsutil|gcloud|az|s3cmd|mc|restic|borg|duplicity|pg_dump|pg_dumpall|pg_restore|mysqldump|mysql|psql|mongodump|mongorestore|sqlite3|redis-cli|curl|wget|tar|gpg|openssl|kubectl|helm|flyctl|python3?|node|php|ruby|java)$`)
	// shellTidy are words of commands that take something away, or only ask.
	shellTidy = lazy.New(`(?i)\b(?:rm|delete|remove|unlink|stop|kill|down|logout|purge|prune|cleanup|clean|get|describe|status|list|ls|info|version|ping|health\w*|wait|exists|head-object|head|--head|-I|drop|uninstall|rollback|drain)\b`)
	// claims are words of a command that says that all went well.
	claims = lazy.New(`(?i)succe|\bdone\b|complet|finish|copied|uploaded|synced|sent|stored|written|backed|restored|\bok\b|last_success|hc-ping|healthchecks|report_`)
)

// shellSwallows reports the commands of a changed shell script whose failure is hidden, and after which it says that all
// went well: rclone copy ... 2>/dev/null || true; report_success offsite.
func shellSwallows(pass *detectors.Pass) {
	for _, f := range pass.Branch.Files {
		if f.Status == branch.Deleted || f.Binary || f.Generated || f.Vendored || f.TooLarge || !shellLike(f.Path) ||
			source.IsTest(f.Path) || source.IsExample(f.Path) {
			continue
		}
		text, err := f.After()
		if err != nil || !bytes.Contains(text, []byte("|")) {
			continue
		}
		file := shell.File(f.Path, string(text))
		if file == nil {
			continue
		}
		syntax.Walk(file, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.File:
				shellStatements(pass, f, text, n.Stmts)
			case *syntax.Block:
				shellStatements(pass, f, text, n.Stmts)
			case *syntax.IfClause:
				shellStatements(pass, f, text, n.Then)
			case *syntax.ForClause:
				shellStatements(pass, f, text, n.Do)
			case *syntax.WhileClause:
				shellStatements(pass, f, text, n.Do)
			}
			return true
		})
	}
}

// shellStatements judges statements that follow each other.
func shellStatements(pass *detectors.Pass, f *branch.File, text []byte, list []*syntax.Stmt) {
	for i, s := range list {
		or, ok := s.Cmd.(*syntax.BinaryCmd)
		if !ok || !f.Touched(int(s.Pos().Line())) {
			continue
		}
		hides := "(" + clip(shellText(text, or.Y)) + ")"
		switch {
		case or.Op == syntax.OrStmt && nothingShell.MatchString(shellText(text, or.Y)):
		case or.Op == syntax.Pipe && !bytes.Contains(text, []byte("pipefail")) && !bytes.Contains(text, []byte("PIPESTATUS")):
			hides = "by the pipe (no pipefail)"
		default:
			continue
		}
		call, ok := or.X.Cmd.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			continue
		}
		name, whole := call.Args[0].Lit(), shellText(text, or.X)
		if !shellWork.MatchString(path.Base(name)) || shellTidy.MatchString(whole) || len(s.Comments) > 0 || i+1 >= len(list) {
			continue
		}
		next := list[i+1]
		for _, later := range list[i+1:] { // what uses its result may stand between
			if claims.MatchString(shellText(text, later)) {
				next = later
				break
			}
		}
		if !claims.MatchString(shellText(text, next)) || slices.ContainsFunc(next.Comments, func(c syntax.Comment) bool { return strings.Contains(c.Text, "best") }) {
			continue
		}
		line := int(s.Pos().Line())
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, EndLine: int(next.End().Line()), Symbol: name,
			Message:  fmt.Sprintf("a failure of %s is hidden %s, and line %d says that all went well", name, hides, next.Pos().Line()),
			Why:      "When it fails the script goes on and reports a success: no exit status, no line and no alert says so.",
			Fix:      "Let the script end with the failure, or report the success only when the command has succeeded.",
			Evidence: []string{name, shellText(text, s)},
		})
	}
}

var nothingShell = lazy.New(`^(?:true|:|exit 0|return 0|echo\b.*)$`)

func shellText(text []byte, n syntax.Node) string {
	from, to := int(n.Pos().Offset()), int(n.End().Offset()) //nolint:gosec // offsets of a file within the size that is read
	if from > to || to > len(text) {
		return ""
	}
	return strings.TrimSpace(string(text[from:to]))
}
