package environment

// Variables that infrastructure written as code gives: CDK, Pulumi, SST, cdktf. A file of these hands them to functions and containers as
// the keys of a map.

import (
	"strings"

	"flightpoll/detectors/lazy"
)

// provisioners are texts of files that describe infrastructure.
var provisioners = []string{
	"aws-cdk-lib", "@aws-cdk/", "aws_cdk", "awscdk", "Amazon.CDK", "@pulumi/", "pulumi_", "import pulumi", "github.com/pulumi/", "com.pulumi", "using Pulumi", "cdktf", "sst.aws.", "sst/constructs", "@serverless-stack", "sst.config", "alchemy/", "cdk8s", "Aspire.Hosting",
	"DistributedApplication",
}

// provisions says whether a code file describes infrastructure.
func (l *ledger) provisions(p string) bool {
	if known, ok := l.infrastructure[p]; ok {
		return known
	}
	text := strings.Join(l.text(p), "\n")
	found := false
	for _, word := range provisioners {
		if strings.Contains(text, word) {
			found = true
			break
		}
	}
	if l.infrastructure == nil {
		l.infrastructure = map[string]bool{}
	}
	l.infrastructure[p] = found
	return found
}

// readingLine is a line that reads a variable of its own.
var readingLine = lazy.New(`process\.env|os\.environ|getenv|Getenv|GetEnvironmentVariable|LookupEnv`)

// provisioned are the lines of an infrastructure's file that give a variable.
func (l *ledger) provisioned(p, name string) []evidence {
	if !l.provisions(p) {
		return nil
	}
	for i, line := range l.text(p) {
		at := strings.Index(line, name)
		if at < 0 || !wordIn(line, name) || comment.MatchString(line) {
			continue
		}
		before, after := line[:at], strings.TrimLeft(line[at+len(name):], " ")
		quoted := before != "" && strings.ContainsRune("\"'`", rune(before[len(before)-1]))
		if quoted && after != "" && strings.ContainsRune("\"'`", rune(after[0])) {
			after = strings.TrimLeft(after[1:], " ]")
		}
		gives := strings.HasPrefix(after, ":") || quoted && (strings.HasPrefix(after, ",") || strings.HasPrefix(after, "=") || strings.HasPrefix(after, ")")) || strings.HasPrefix(after, ",") && strings.TrimSpace(before) == "" || strings.HasPrefix(after, "=") && quoted
		if gives && (!readingLine.MatchString(before) || strings.Contains(before, ":")) {
			e := evidence{path: p, line: i + 1, kind: configFile, giving: given}
			if m, ok := l.layout.members[p]; ok {
				e.environment, e.family = m.environment, m.family
			}
			return []evidence{e}
		}
	}
	return nil
}
