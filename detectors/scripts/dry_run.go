package scripts

// How a script can be tried without effect: by an option of its own, by a question that it asks, and what the scripts beside
// it and the documents say of that.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
	"flightpoll/detectors/source/languages/shell"
)

var (
	// tryRun is an option, spelled on a command line or as a word of its own, that a script is tried with or has to be given.
	tryRun = lazy.New(`(?i)dry[-_ ]?run|\bdryrun|--?(apply|execute|commit|really|confirm|no-act|simulate|whatif|noop|go|live|write|yes|preview|list-only|for-real)\b|["'](apply|execute|simulate|whatif|noop|preview)["']|DRY\b|\bwhat_if\b|-WhatIf|\bforReal\b`)
	// tryOption is the same option where the program reads or declares it: values.apply, options: { apply: {...} }, ENV["APPLY"].
	tryOption = lazy.New(`(?i)\b(?:values|args?|argv|opts?|options?|flags?|params?|cli|cfg|config|settings|matches|cmd)\)?(?:\.|->|::|\[\s*:?["']?|\{\s*)(?:apply|execute|commit|really|confirm(?:ed)?|write|live|yes|for_?real|preview|simulate|no_?op|dry)\b|\b(?:apply|execute|commit|really|confirm(?:ed)?|write|live|yes|for_?real|preview|simulate|no_?op|dry)\b["']?\s*:\s*\{\s*["']?(?:type|short|default|alias|describe|boolean)\b|(?:env(?:iron)?\b|getenv|env::var|Getenv|LookupEnv|GetEnvironmentVariable|ENV\.fetch|process\.env)\W{1,4}(?:[A-Z]+_)?(?:APPLY|EXECUTE|COMMIT|CONFIRM|DRY|WRITE|LIVE|REALLY|YES|GO|FORCE|PREVIEW)\b|\$\{?(?:APPLY|EXECUTE|COMMIT|CONFIRM|DRY|WRITE|LIVE|REALLY|YES|FORCE|PREVIEW)\b`)
	// asksPerson is a question to the one who started the script.
	asksPerson = lazy.New(`(?i)\bread\s+(-\w+\s+)*-\w*p\b|\b(raw_)?input\(|\breadline\b|\bclick\.(confirm|prompt)\(|(?:^|[^.\w])confirm\(|\$this->confirm\(|\b(STDIN|\$stdin)\.gets\b|\bScan(ln|f)?\(|\bConsole\.Read(Line|Key)\(|\bconfirmation_option\b|\bprompts?\(|\binquirer\b|\bread_line\(|\bScanner\(System\.in\b`)
)

// canBeTried says whether a script's text, without comments, takes a word for work or for trial, or asks before it works.
func canBeTried(text string) bool {
	return tryRun.MatchString(text) || tryOption.MatchString(text) || asksPerson.MatchString(text)
}

// ownFolder are the names of files whose folder is the name of the program.
var ownFolder = lazy.New(`^(main\.(go|rs|py|ts|js|kt)|index\.(ts|js|mjs)|Program\.cs|Main\.(java|kt)|__main__\.py)$`)

// triesBeside is a script beside p, or two, that can be tried: most of those that change something have to.
func (c *changes) triesBeside(p string) string {
	paths, err := c.pass.Branch.BasePaths()
	if err != nil {
		return ""
	}
	found, with, without, read := "", 0, 0, 0
	dir, own := path.Dir(p), ownFolder.MatchString(path.Base(p))
	if own { // cmd/prune-uploads/main.go beside cmd/prune-accounts/main.go
		dir = path.Dir(dir)
	}
	for _, other := range below(paths, dir) {
		if !own && path.Dir(other) != dir || own && (path.Base(other) != path.Base(p) || path.Dir(path.Dir(other)) != dir) || other == p || path.Ext(other) != path.Ext(p) || aside(other) {
			continue
		}
		if read++; read > maxHabit || c.pass.Context.Err() != nil {
			break
		}
		text := string(c.readBase(other))
		if canBeTried(withoutComments(other, text)) {
			found = other
			with++
		} else if what, _ := c.removesAtOnce(other, text); what != "" {
			without++
		}
	}
	if with == 0 || without >= with {
		return ""
	}
	return found
}

var (
	// promises is a sentence of a document by which scripts can be tried: it names the word for it.
	promises = lazy.New(`(?i)dry[- ]?run|--(apply|execute|commit|confirm|write|yes)\b|-apply\b|\bAPPLY=|\bDRY=|\bCONFIRM=|without (flags?|options?|--\w+)`)
	// harmlessUntil is one that promises it in other words, which count where they are said of every script.
	harmlessUntil = lazy.New(`(?i)only (lists?|prints?|reports?|counts?|shows?)|writes? nothing|nothing is (written|changed|deleted|removed)`)
	promisedWord  = lazy.New(`--?([a-z][\w-]{2,})|\b([A-Z][A-Z_]{1,20})=`)
)

// promised is the document that says of the scripts in this place that they can be tried, empty without one and where the
// script's text knows the word that the document gives.
func (c *changes) promised(p, text string) string {
	dir := path.Dir(p)
	if ownFolder.MatchString(path.Base(p)) {
		dir = path.Dir(dir)
	}
	if dir == "." {
		return ""
	}
	for _, doc := range []string{"README.md", "CONTRIBUTING.md", "docs/README.md", "docs/operations.md", "docs/runbook.md", "docs/scripts.md", "AGENTS.md", "CLAUDE.md", dir + "/README.md", "docs/maintenance.md", "docs/ops.md", "RUNBOOK.md", "docs/backfills.md", "docs/development.md"} {
		said := string(c.readHead(doc))
		if said == "" || len(said) > maxStarter {
			continue
		}
		for _, paragraph := range strings.Split(said, "\n\n") {
			flat := strings.Join(strings.Fields(paragraph), " ")
			all := allOf.MatchString(flat)
			if !promises.MatchString(flat) && (!all || !harmlessUntil.MatchString(flat)) {
				continue
			}
			if strings.Contains(flat, dir+"/") || strings.Contains(flat, "`"+dir+"`") || strings.HasPrefix(doc, dir+"/") && all {
				if knowsWord(text, flat) {
					return ""
				}
				return doc
			}
		}
	}
	return ""
}

// knowsWord says whether a program holds an option that a sentence names: --keep-going is keep-going, keep_going or keepGoing.
func knowsWord(text, sentence string) bool {
	plain := strings.NewReplacer("-", "", "_", "").Replace
	text = strings.ToLower(plain(text))
	for _, m := range promisedWord.FindAllStringSubmatch(sentence, 10) {
		if word := strings.ToLower(plain(m[1] + m[2])); len(word) > 2 && strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// allOf is what a document says of every script in its folder.
var allOf = lazy.New(`(?i)\b(all|every|each|any)\b[^.]{0,40}\b(scripts?|tasks?|commands?|jobs?|tools?)\b|\b(scripts?|tasks?|commands?|tools?)\b[^.]{0,30}\b(must|have to|always|by default)\b`)

// triedElsewhere says whether a module of the repository that the script takes in does the trying for it.
func (c *changes) triedElsewhere(p, text string) bool {
	f, err := c.pass.Source.Head(p)
	if err != nil || f == nil {
		if tree := shell.File(p, text); tree != nil {
			return strings.Contains(text, "source ") && c.sourcesTry(p, text)
		}
		return false
	}
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return false
	}
	for _, i := range f.Imports {
		base := strings.TrimSuffix(path.Base(strings.ReplaceAll(i.Path, ".", "/")), "/js")
		if strings.HasPrefix(i.Path, ".") && (f.Lang == source.TypeScript || f.Lang == source.JavaScript) {
			base = strings.TrimSuffix(path.Base(i.Path), path.Ext(i.Path))
		}
		if len(base) < 2 {
			continue
		}
		for _, q := range below(paths, path.Dir(p)) {
			if q != p && strings.TrimSuffix(path.Base(q), path.Ext(q)) == base && path.Ext(q) == path.Ext(p) && canBeTried(string(c.readHead(q))) {
				return true
			}
		}
	}
	return false
}

func (c *changes) sourcesTry(p, text string) bool {
	for _, line := range strings.Split(text, "\n") {
		if rest, ok := strings.CutPrefix(strings.TrimSpace(line), "source "); ok {
			if _, lib := c.sourced(p, strings.Trim(rest, `"'`)); canBeTried(lib) {
				return true
			}
		}
	}
	return false
}
