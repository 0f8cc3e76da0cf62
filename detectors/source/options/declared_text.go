package options

import (
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// The declarations of options in the languages whose frameworks say them in attributes, annotations and strings.
var (
	clapOption    = lazy.New(`#\[(?:arg|clap|structopt)\(([^\]]*)\)\]\s*(?:(?:#\[[^\]]*\]|//[^\n]*\n)\s*)*(?:pub(?:\([^)]*\))?\s+)?(\w+)\s*:`)
	clapLong      = lazy.New(`\blong(?:\s*=\s*"([\w-]+)"|\s*\(\s*"([\w-]+)"\s*\))?(?:\s*[,)]|\s*$)`)
	clapAliases   = lazy.New(`\b(?:visible_)?alias(?:es)?\s*=\s*(\[?(?:\s*"[\w-]+",?)+)`)
	clapBuilt     = lazy.New(`\.long\(\s*"([\w-]+)"`)
	dotnetOption  = lazy.New(`\bnew\s+Option(?:<[^;()]*>)?\(([^;]{0,300})|\[Option\(([^\]]{0,200})`)
	quotedOption  = lazy.New(`["'](--[A-Za-z][\w-]*)`)
	plainOption   = lazy.New(`"([a-z][\w-]+)"`)
	artisanWhole  = lazy.New(`\$signature\s*=\s*(?:'[^']*'|"[^"]*")`)
	artisanOption = lazy.New(`\{\s*--(?:\w\|)?([\w-]+)`)
	symfonyOption = lazy.New(`(?:->addOption|new\s+InputOption)\(\s*['"]([\w-]+)['"]`)
	rubyOption    = lazy.New(`\.on\(?\s*((?:["'][^"']*["']\s*,?\s*)+)`)
	thorOption    = lazy.New(`(?m)^\s*(?:method_|class_)?options?\s*\(?\s*:(\w+)`)
	jvmOption     = lazy.New(`@(?:CommandLine\.)?(?:Option|Parameter)\(([^)]{0,300})|\boption\(([^)]{0,200})`)
)

// declaredInText are the options that a text of the language declares: clap in Rust, System.CommandLine and CommandLineParser in
// C#, Artisan and Symfony's console in PHP, OptionParser and Thor in Ruby, picocli, JCommander and Clikt on the JVM.
func declaredInText(lang source.Language, p, text string) []Option {
	var list []Option
	add := func(name string, at int) {
		if name = "--" + strings.TrimLeft(name, "-"); len(name) > 3 {
			list = append(list, Option{name, p, 1 + strings.Count(text[:at], "\n")})
		}
	}
	within := func(outer, inner *lazy.Regexp) {
		for _, m := range outer.FindAllStringSubmatchIndex(text, 200) {
			from, to := m[0], m[1]
			for g := 2; g < len(m); g += 2 {
				if m[g] >= 0 {
					from, to = m[g], m[g+1]
				}
			}
			for _, x := range inner.FindAllStringSubmatchIndex(text[from:to], 20) {
				add(text[from+x[2]:from+x[3]], from+x[2])
			}
		}
	}
	all := func(re *lazy.Regexp) {
		for _, m := range re.FindAllStringSubmatchIndex(text, 200) {
			add(text[m[2]:m[3]], m[2])
		}
	}
	switch lang {
	case source.Rust:
		for _, m := range clapOption.FindAllStringSubmatchIndex(text, 200) {
			args := text[m[2]:m[3]]
			long := clapLong.FindStringSubmatch(args)
			if long == nil {
				continue
			}
			if name := long[1] + long[2]; name != "" {
				add(name, m[4])
			} else {
				add(kebab(text[m[4]:m[5]]), m[4])
			}
			for _, a := range clapAliases.FindAllStringSubmatch(args, 5) {
				for _, w := range quotedWord.FindAllStringSubmatch(a[1], 10) {
					add(w[1], m[4])
				}
			}
		}
		all(clapBuilt)
	case source.CSharp:
		within(dotnetOption, quotedOption)
		if strings.Contains(text, "using CommandLine;") {
			within(dotnetOption, plainOption)
		}
	case source.PHP:
		within(artisanWhole, artisanOption)
		all(symfonyOption)
	case source.Ruby:
		within(rubyOption, quotedOption)
		if strings.Contains(text, "< Thor") {
			for _, m := range thorOption.FindAllStringSubmatchIndex(text, 200) {
				add(strings.ReplaceAll(text[m[2]:m[3]], "_", "-"), m[2])
			}
		}
	case source.Java, source.Kotlin:
		within(jvmOption, quotedOption)
	default:
	}
	return list
}
