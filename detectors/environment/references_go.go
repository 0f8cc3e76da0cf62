package environment

// References in Go: os.Getenv and its kin, viper and koanf keys, and the struct tags of the common configuration
// libraries.

import (
	"go/ast"
	"go/token"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

func (r *reader) golang() {
	viper := r.imports("spf13/viper") || r.imports("knadh/koanf")
	for _, c := range r.Calls {
		switch c.Full() {
		case "os.Getenv", "syscall.Getenv":
			if len(c.Args) == 1 {
				r.add(r.nameOf(c.Args[0]), c.Span, r.handledInGo(c), false)
			}
			continue
		case "os.LookupEnv":
			if len(c.Args) == 1 {
				r.add(r.nameOf(c.Args[0]), c.Span, !r.stopsSoon(c.Span), true)
			}
			continue
		}
		if viper && viperRead.MatchString(c.Name) && len(c.Args) == 1 && c.Args[0].IsString && !strings.HasPrefix(c.Receiver, "cmd") && !strings.Contains(c.Receiver, "Flags") {
			r.refs = append(r.refs, Reference{Name: c.Args[0].Str, Line: c.Span.Line, Key: true})
		}
	}
	r.tags()
}

var viperRead = lazy.New(`^(Must)?(Get(String|Int|Int32|Int64|Uint|Bool|Float64|Duration|StringSlice|StringMap|StringMapString|Time)?|String|Int|Bool|Duration|Strings|Float64)$`)

func (r *reader) imports(part string) bool {
	for _, i := range r.Imports {
		if strings.Contains(i.Path, part) {
			return true
		}
	}
	return false
}

var (
	goDefault = lazy.New(`^\)?\s*(==|!=)`)
	goOr      = lazy.New(`(cmp\.Or|firstNonEmpty|coalesce|[dD]efault\w*|[fF]allback\w*|ParseBool)\(\s*$`)
	goAssign  = lazy.New(`(\w+)\s*:?=\s*$`)
)

// handledInGo says whether the absence of the value is dealt with: compared, replaced, or tested right afterwards.
func (r *reader) handledInGo(c *source.Call) bool {
	head := string(r.Text[max(0, c.Span.Start-80):c.Span.Start])
	if i := strings.LastIndexByte(head, '\n'); i >= 0 {
		head = head[i+1:]
	}
	tail := string(r.Text[c.Span.End:min(len(r.Text), c.Span.End+300)])
	if goDefault.MatchString(tail) {
		return !r.stopsSoon(c.Span)
	}
	if goOr.MatchString(head) {
		return true
	}
	m := goAssign.FindStringSubmatch(head)
	if m == nil {
		return false
	}
	// v := os.Getenv("X"); v != ""  /  if v == "" { v = "default" }
	test := regexp.MustCompile(`\b` + m[1] + `\s*(==|!=)\s*""|len\(` + m[1] + `\)\s*[=><!]`)
	if at := test.FindStringIndex(tail); at != nil {
		block := tail[at[1]:min(len(tail), at[1]+110)]
		return !goStops.MatchString(block) || strings.Contains(tail[at[0]:at[1]], "!=")
	}
	return false
}

var goStops = lazy.New(`^[^}]*\b(return\s+[^\n]*(err|Err|fmt\.)|panic\(|log\.Fatal|os\.Exit|[fF]atal)`)

// stopsSoon says whether an absent value ends in an error within the next lines.
func (r *reader) stopsSoon(s source.Span) bool {
	tail := string(r.Text[s.End:min(len(r.Text), s.End+200)])
	return goStops.MatchString(tail)
}

// tags reads struct tags: caarlos0/env, envconfig, cleanenv, kong, go-flags.
func (r *reader) tags() {
	if r.GoFile == nil {
		return
	}
	ast.Inspect(r.GoFile, func(n ast.Node) bool {
		st, ok := n.(*ast.StructType)
		if !ok || st.Fields == nil {
			return true
		}
		for _, f := range st.Fields.List {
			if f.Tag == nil || f.Tag.Kind != token.STRING {
				continue
			}
			text, err := strconv.Unquote(f.Tag.Value)
			if err != nil {
				continue
			}
			tag := reflect.StructTag(text)
			value, ok := tag.Lookup("env")
			if !ok {
				if value, ok = tag.Lookup("envconfig"); !ok {
					continue
				}
			}
			name, rest, _ := strings.Cut(value, ",")
			if name == "" || name == "-" || strings.ContainsAny(name, "${ ") {
				continue
			}
			required := strings.Contains(rest, "required") || strings.Contains(rest, "notEmpty") || has(tag, "env-required", "required")
			optional := !required
			for _, k := range []string{"envDefault", "default", "env-default", "env_default"} {
				if _, ok := tag.Lookup(k); ok {
					optional = true
				}
			}
			if strings.Contains(rest, "default=") {
				optional = true
			}
			line := r.GoSet.Position(f.Tag.Pos()).Line
			r.refs = append(r.refs, Reference{Name: strings.TrimSpace(name), Line: line, Optional: optional, FailFast: required && !optional})
		}
		return true
	})
}

func has(tag reflect.StructTag, keys ...string) bool {
	for _, k := range keys {
		if v, ok := tag.Lookup(k); ok && v != "false" {
			return true
		}
	}
	return false
}
