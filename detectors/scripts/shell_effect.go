package scripts

// Shell commands that reach others from inside of a loop: curl that posts, mail.

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/languages/shell"
)

// shellOutward is the first command of a shell script that posts or mails for each of many things, without a key and
// without a mark; false without one.
func shellOutward(file *branch.File, text string) (outward, bool) {
	tree := shell.File(file.Path, text)
	if tree == nil || keyed.MatchString(text) {
		return outward{}, false
	}
	bare := remarkLine.ReplaceAllString(text, "")
	if marks.MatchString(answers.ReplaceAllString(bare, " ")) && (done.MatchString(bare) || strings.Contains(bare, ">>") || strings.Contains(bare, "touch ")) {
		return outward{}, false
	}
	var found outward
	var inLoop func(n syntax.Node, looped bool)
	inLoop = func(node syntax.Node, looped bool) {
		syntax.Walk(node, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.ForClause, *syntax.WhileClause:
				if n != node {
					inLoop(n, true)
					return false
				}
			case *syntax.CallExpr:
				line := int(n.Pos().Line())                                                                                            //nolint:gosec // a line number
				if what := shellReaches(n); looped && what != "" && found.what == "" && file.TouchedRange(line, int(n.End().Line())) { //nolint:gosec // a line number
					found = outward{line: line, what: what}
				}
			}
			return true
		})
	}
	inLoop(tree, false)
	return found, found.what != ""
}

// shellReaches says what a command sends to others, empty for other commands.
func shellReaches(call *syntax.CallExpr) string {
	var words []string
	for _, a := range call.Args {
		words = append(words, wordText(a))
	}
	for len(words) > 0 && slices.Contains([]string{"sudo", "command", "timeout", "retry"}, words[0]) {
		words = words[1:]
	}
	if len(words) < 2 {
		return ""
	}
	text := strings.Join(words, " ")
	switch name := path.Base(words[0]); name {
	case "curl", "wget", "http", "https", "xh":
		if asking.MatchString(text) {
			return ""
		}
		for i, w := range words {
			next := ""
			if i+1 < len(words) {
				next = words[i+1]
			}
			switch {
			case (w == "-X" || w == "--request") && next != "POST", w == "-G", w == "--get", w == "-XPUT", w == "-XGET", w == "-XDELETE", w == "-XPATCH":
				return ""
			}
		}
		for i, w := range words {
			if w == "-XPOST" || w == "--json" || strings.HasPrefix(w, "--data") || w == "-d" || w == "-F" || strings.HasPrefix(w, "--post-") || w == "POST" && i > 0 {
				if moneyWords.MatchString(text) || postsToPeople.MatchString(text) {
					return "POST"
				}
			}
		}
	case "mail", "mailx", "mutt", "sendmail", "msmtp", "swaks", "s-nail":
		return "mail"
	case "aws":
		if len(words) > 2 && (words[1] == "ses" || words[1] == "sesv2" || words[1] == "sns") && (strings.HasPrefix(words[2], "send") || words[2] == "publish") {
			return "mail or message"
		}
	case "stripe":
		if slices.Contains(words, "create") {
			return "stripe " + words[1]
		}
	}
	return ""
}

// postsToPeople are words of addresses and data that reach people, or make something in another company's books.
var postsToPeople = lazy.New(`(?i)mail|sms|notif|message|/send|invit|ticket|letter|issue|/orders?|create`)
