package source

import (
	"fmt"
	"path"
	"strings"
	"sync"

	"flightpoll/detectors/source/languages"
	"flightpoll/detectors/source/languages/csharp"
	"flightpoll/detectors/source/languages/java"
	"flightpoll/detectors/source/languages/javascript"
	"flightpoll/detectors/source/languages/kotlin"
	"flightpoll/detectors/source/languages/php"
	"flightpoll/detectors/source/languages/python"
	"flightpoll/detectors/source/languages/ruby"
	"flightpoll/detectors/source/languages/rust"
	"flightpoll/detectors/source/languages/typescript"
	"flightpoll/detectors/source/syntax"
)

// readers are the languages that tree-sitter reads. A new one is a folder of queries, a line here and one in
// grammar_cgo.go.
var readers = []*reader{
	{Language: typescript.Language},
	{Language: javascript.Language},
	{Language: python.Language},
	{Language: java.Language},
	{Language: kotlin.Language},
	{Language: csharp.Language},
	{Language: ruby.Language},
	{Language: php.Language},
	{Language: rust.Language},
}

// reader is a language with its queries compiled: facts are looked for at every node, parts where a fact has a list
// of them (parameters, arguments, keys, imported names).
type reader struct {
	languages.Language
	once         sync.Once
	facts, parts *syntax.Query
	err          error
}

func (r *reader) compile() error {
	r.once.Do(func() {
		all, err := syntax.Compile(r.Facts)
		if err != nil {
			r.err = fmt.Errorf("%s: %w", r.Name, err)
			return
		}
		part := func(fact string) bool { return strings.HasPrefix(fact, "part.") }
		r.parts = all.Only(part)
		r.facts = all.Only(func(fact string) bool { return !part(fact) })
	})
	return r.err
}

var byExtension = func() map[string]*reader {
	m := map[string]*reader{}
	for _, r := range readers {
		for _, ext := range r.Extensions {
			m[ext] = r
		}
	}
	return m
}()

func languageOf(name string) Language {
	ext := strings.ToLower(path.Ext(name))
	if ext == ".go" {
		return Go
	}
	if r := byExtension[ext]; r != nil {
		return Language(r.Name)
	}
	return ""
}
