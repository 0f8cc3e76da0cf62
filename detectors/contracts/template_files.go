package contracts

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// dialect is how a template writes values.
type dialect string

const (
	tagged     dialect = "tags"       // Jinja, Django, Twig, Liquid, Nunjucks: {{ name }}, {% for x in name %}
	handlebars dialect = "handlebars" // {{name}}, {{#each name}}
	embedded   dialect = "embedded"   // ERB, EJS: <%= name %>; Haml, Slim and Pug by lines
	blade      dialect = "blade"      // {{ $name }}, @foreach($name as $x)
	goTemplate dialect = "go"         // {{ .Name }}
	thymeleaf  dialect = "thymeleaf"  // th:text="${name}"
)

var (
	templateExt = lazy.New(`(?i)\.(html?|j2|jinja2?|twig|njk|nunjucks|liquid|tera|hbs|handlebars|mustache|ejs|erb|haml|slim|pug|eta|blade\.php|phtml|tmpl|gohtml|tpl|gotmpl)$`)
	templateDir = lazy.New(`(?i)(^|/)(templates?|views?|emails?|mails?|layouts?|partials|_includes|_layouts)/`)
)

// templateDialect says how the template at p writes values, "" for a file that is no template.
func templateDialect(p, text string) dialect {
	name := strings.ToLower(path.Base(p))
	switch ext := path.Ext(name); {
	case strings.HasSuffix(name, ".blade.php"), ext == ".phtml":
		return blade
	case ext == ".hbs", ext == ".handlebars", ext == ".mustache":
		return handlebars
	case ext == ".erb", ext == ".ejs", ext == ".haml", ext == ".slim", ext == ".pug", ext == ".eta":
		return embedded
	case ext == ".gohtml", ext == ".gotmpl":
		return goTemplate
	case ext == ".j2", ext == ".jinja", ext == ".jinja2", ext == ".twig", ext == ".njk", ext == ".nunjucks", ext == ".liquid", ext == ".tera":
		return tagged
	case ext == ".html", ext == ".htm", ext == ".tmpl", ext == ".tpl", ext == ".txt", ext == ".xml":
		switch {
		case goTag.MatchString(text):
			return goTemplate
		case strings.Contains(text, "{%") || strings.Contains(text, "{{") && templateDir.MatchString(p):
			return tagged
		case strings.Contains(text, "th:"):
			return thymeleaf
		case strings.Contains(text, "<%"):
			return embedded
		}
	}
	return ""
}

var goTag = lazy.New(`\{\{-?\s*(?:\.[A-Z]|(?:range|if|with|template|block|define|else if|printf?)\s[^}]*[."$])`)

var tags = map[dialect]*lazy.Regexp{
	tagged:     lazy.New(`\{\{[^{}]*\}\}|\{%[^{}]*%\}`),
	handlebars: lazy.New(`\{\{\{?[^{}]*\}?\}\}`),
	embedded:   lazy.New(`(?s)<%.*?%>`),
	blade:      lazy.New(`(?s)\{\{.*?\}\}|\{!!.*?!!\}|@\w+\s*\([^\n]*\)|<\?(?:php|=).*?\?>|:[\w-]+="[^"]*"`),
	goTemplate: lazy.New(`\{\{[^{}]*\}\}`),
	thymeleaf:  lazy.New(`[$*]\{[^{}]*\}`),
}

var (
	stringIn  = lazy.New(`"[^"\n]*"|'[^'\n]*'`)
	tolerated = lazy.New(`\bis (?:not )?defined\b|\|\s*default|\?\?|\bisset\b|@isset|\bdefined\?|\btypeof\b|\blocal_assigns\b|\blocals\.`)
	linesOnly = lazy.New(`(?i)\.(haml|slim|pug)$`)
)

// readsAt is the line on which a template reads a value that somebody has to hand to it, 0 for none.
func readsAt(p, text, name string) int {
	d := templateDialect(p, text)
	re := tags[d]
	if re == nil {
		return 0
	}
	n := regexp.QuoteMeta(name)
	var use, own *lazy.Regexp
	switch d {
	case blade:
		use = lazy.New(`\$` + n + `\b`)
		own = lazy.New(`\bas (?:\$\w+\s*=>\s*)?\$` + n + `\b|\$` + n + `\s*=[^=>]|@(?:props|aware)\([^)]*['"]` + n)
	case goTemplate:
		use = lazy.New(`(?:^|[\s($|])\$?\.` + n + `\b`)
	case embedded:
		use = lazy.New(`(?:^|[^\w.:@$"'>])` + n + `\b(?:[^\w:(]|$)`)
		own = lazy.New(`\|[^|]*\b` + n + `\b[^|]*\||\b(?:const|let|var)\s+` + n + `\b|\b` + n + `\s*=[^=>]|\(\s*` + n + `\s*[,)]\s*(?:=>|\{)|\b` + n + `\s*=>|function\s*\([^)]*\b` + n + `\b`)
	default:
		use = lazy.New(`(?:^|[^\w.|"'$=-])` + n + `\b(?:[^\w(=]|$)`)
		own = lazy.New(`\{%-?\s*(?:set|assign|capture|macro|block)\s[^%]*\b` + n + `\b|\bfor\s[^%]*\b` + n + `\b[^%]*\bin\b|\bwith\s[^%]*\b` + n + `\s*=|\bas\s+` + n + `\b|\bas \|[^|]*\b` + n + `\b`)
	}
	if own != nil && own.MatchString(text) {
		return 0
	}
	if linesOnly.MatchString(p) {
		line := 0
		for row := range strings.Lines(text) {
			line++
			if use.MatchString(stringIn.ReplaceAllString(row, `""`)) && !tolerated.MatchString(row) && codeLine.MatchString(row) {
				return line
			}
		}
		return 0
	}
	for _, m := range re.FindAllStringIndex(text, -1) {
		tag := text[m[0]:m[1]]
		inner := stringIn.ReplaceAllString(strings.Trim(tag, "{}%<>-=!# "), `""`)
		if use.MatchString(inner) && !tolerated.MatchString(tag) {
			return 1 + strings.Count(text[:m[0]+strings.Index(tag, name)], "\n")
		}
	}
	return 0
}

var codeLine = lazy.New(`^\s*(?:[-=]|[%.#\w-]*[=]|each |if |unless |for |[\w.#-]+=)|#\{`)

var including = lazy.New(`(?:include|extends|import|embed|template|block|partial|render|@extends|@include\w*|@each|fragment)\b[\s("']*(?:partial:\s*|file=)?["'(]+([\w./:-]+)["')]|\{\{>\s*([\w./-]+)|th:(?:replace|insert)="~?\{?\s*([\w./-]+)`)

// included are the names of the templates that a template takes in.
func included(text string) []string {
	var list []string
	for _, m := range including.FindAllStringSubmatch(text, -1) {
		list = append(list, cmpOr(m[1], cmpOr(m[2], m[3])))
	}
	return list
}

// templatesNamed are the files that a template's name means, seen from the file that names it.
func (s side) templatesNamed(name, from string) []string {
	name = strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(name, "./"), "/"), "/")
	if i := strings.LastIndex(name, "::"); i >= 0 {
		name = name[i+2:]
	}
	if name == "" || len(name) > 200 {
		return nil
	}
	forms := []string{name}
	if !strings.Contains(name, "/") && strings.Contains(name, ".") && source.LanguageOf(from) == source.PHP {
		forms = append(forms, strings.ReplaceAll(name, ".", "/"))
	}
	var list []string
	for _, p := range s.paths() {
		if !templateExt.MatchString(p) && path.Ext(p) != ".txt" && path.Ext(p) != ".xml" || source.IsTest(p) && !source.IsTest(from) {
			continue
		}
		for _, f := range forms {
			dir, base := path.Dir(f), path.Base(f)
			own := path.Base(p)
			stem, _, _ := strings.Cut(own, ".")
			if (own == base || stem == base || stem == "_"+base || own == "_"+base) && (dir == "." || path.Dir(p) == dir || strings.HasSuffix(path.Dir(p), "/"+dir)) {
				list = append(list, p)
				break
			}
		}
	}
	if len(list) > 1 { // the nearest ones
		near := slices.DeleteFunc(slices.Clone(list), func(p string) bool { return !strings.HasPrefix(p, topFolder(from)) })
		if len(near) > 0 {
			list = near
		}
	}
	if len(list) > 6 {
		return nil
	}
	return list
}

func topFolder(p string) string {
	top, _, ok := strings.Cut(p, "/")
	if !ok {
		return ""
	}
	return top + "/"
}
