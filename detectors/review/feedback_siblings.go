package review

import (
	"fmt"
	"path"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// answerWord is how code and mails let users answer back: a link, a call, a route.
var answerWord = lazy.New(`(?i)feedback|thumbs|(?:was|is) ?_?this ?_?\w* ?_?helpful|\bhelpful\b|\bsurvey|rate_?(?:this|us|answer|response)|report_?(?:a_?)?(?:problem|answer|issue|abuse|content|mistake|error_to)|\b(?:reply to this|tell us)\b|\bnps\b|\bcsat\b`)

// feedbackBeside finds a new mail, command, screen or route file without the way to answer that every file beside it has.
func feedbackBeside(pass *detectors.Pass, f *branch.File, paths []string) bool {
	if f.Status != branch.Added || f.Generated || f.Vendored || f.Binary || f.TooLarge || source.IsTest(f.Path) || source.IsExample(f.Path) || notAPart.MatchString(f.Path) ||
		source.LanguageOf(f.Path) == "" && !surfaceEnding.MatchString(f.Path) && !mailText.MatchString(f.Path) || answerWord.MatchString(f.Path) {
		return false
	}
	text, err := f.After()
	if err != nil || answerWord.Match(text) {
		return false
	}
	dir, have, all, example := path.Dir(f.Path), 0, 0, ""
	for _, p := range paths {
		if path.Dir(p) != dir || p == f.Path || path.Ext(p) != path.Ext(f.Path) || source.IsTest(p) || notAPart.MatchString(p) || strings.HasPrefix(path.Base(p), "__") || answerWord.MatchString(path.Base(p)) {
			continue
		}
		if changed := pass.Branch.File(p); changed != nil && changed.Status == branch.Added {
			continue
		}
		if all++; all > 40 {
			return false
		}
		beside, err := pass.Branch.ReadHead(p)
		if err != nil || len(beside) > 1<<18 {
			return false
		}
		if answerWord.Match(beside) {
			have, example = have+1, p
		}
	}
	if all < 2 || have < all || sharedWith(pass, dir, string(text)) {
		return false
	}
	pass.Report(detectors.Finding{
		Severity: detectors.Warning, Path: f.Path, Line: 1, Symbol: partOf(f.Path),
		Message:  fmt.Sprintf("users cannot say that %s is wrong, as they can on the %d beside it (%s)", partOf(f.Path), all, example),
		Why:      "What is wrong with it stays unknown until somebody complains elsewhere; nobody's judgement comes back.",
		Fix:      "Give it the same way to answer that the others have.",
		Evidence: []string{partOf(f.Path)},
	})
	return true
}

var (
	mailText = lazy.New(`(?i)(?:^|/)(?:e?mails?|mailers?|templates|notifications?)/.*\.(?:txt|md|mjml|html|text)$`)
	// fromBase is what a file builds on: a base class, a layout, a wrapper of the folder.
	fromBase = lazy.New(`(?:from|import|require|include|extends?|layout|<|\()\s*["'<(]?\s*([\w./@-]*(?:base|layout|wrapper|shell|frame)[\w./-]*)`)
)

// sharedWith says whether a file builds on one of its folder, or above it, that has the way to answer for all.
func sharedWith(pass *detectors.Pass, dir, text string) bool {
	for _, m := range fromBase.FindAllStringSubmatch(text, 20) {
		name := plainName(m[1])
		paths, err := pass.Branch.HeadPaths()
		if err != nil {
			return true
		}
		for _, p := range paths {
			if plainName(p) == name && strings.HasPrefix(p, path.Dir(dir)) {
				if base, err := pass.Branch.ReadHead(p); err == nil && answerWord.Match(base) {
					return true
				}
			}
		}
	}
	return false
}
