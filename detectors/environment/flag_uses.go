package environment

// Where code evaluates feature flags: through an SDK, through the repository's own reader, or in markup.

import (
	"slices"
	"strings"

	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

// usesIn are the evaluations in one file. Calls with an SDK's names count where the file imports an SDK, where the
// receiver says so, or where the repository's own client is imported.
func (f *flags) usesIn(p string, file *source.File) []use {
	if list, ok := f.uses[file]; ok {
		return list
	}
	var list []use
	sdk := sdkOf(file)
	for _, c := range file.Calls {
		u := use{path: p, line: c.Span.Line, call: c.Name, sdk: sdk}
		at := -1
		if w := f.readerOf(file, c); w != nil {
			u.sdk, u.kind, u.served, at = "own", w.kind, w.served, w.key
		} else {
			a, ok := askingOf(c.Name)
			if !ok {
				continue
			}
			speaks := flagReceiver.MatchString(c.Receiver) || f.importsClient(file, c.Receiver)
			switch {
			case a.weak && (!speaks || a.bare) && (sdk == "" || !f.fromSDK(file, c)):
				continue
			case sdk == "" && !speaks:
				continue
			}
			if u.kind = a.kind; sdk == "" {
				u.sdk = sdkNamed(c.Receiver)
			}
			u.served = u.sdk != ""
		}
		key, i := f.keyOf(file, c, at)
		if key == "" {
			continue
		}
		u.key, u.fallback = key, fallbackOf(file, c, i)
		list = append(list, u)
	}
	list = append(list, accessed(p, file)...)
	list = append(list, f.marked(p, file, sdk)...)
	f.uses[file] = list
	return list
}

// fromSDK says whether a call without a receiver, or a decorator, is imported from a flag library, or whether the call
// is on a client that has the shape of OpenFeature's Go client.
func (f *flags) fromSDK(file *source.File, c *source.Call) bool {
	if c.Receiver != "" {
		return file.Lang == source.Go && len(c.Args) == 4 && sdkOf(file) == "openfeature"
	}
	for _, i := range file.Imports {
		if flagImport.MatchString(i.Path) && slices.ContainsFunc(i.Names, func(n source.ImportedName) bool { return n.Name == c.Name || n.Alias == c.Name }) {
			return true
		}
	}
	return false
}

var plainValue = lazy.New(`^(?i:true|false|null|none|nil)$|^-?\d+(\.\d+)?$|^["'][^"']*["']$`)

// fallbackOf is the default that a call gives behind its key.
func fallbackOf(file *source.File, c *source.Call, key int) string {
	for i := len(c.Args) - 1; i >= 0; i-- {
		a := c.Args[i]
		if a.Keyword != "" && strings.Contains(strings.ToLower(a.Keyword), "default") || a.Keyword == "" && i > key && plainValue.MatchString(a.Text) {
			return a.Text
		}
		for _, o := range file.Objects {
			if o.Span.Start >= a.Span.Start && o.Span.End <= a.Span.End {
				for _, k := range o.Keys {
					if strings.EqualFold(k.Name, "defaultValue") {
						return k.Value
					}
				}
			}
		}
	}
	return ""
}

// accessed are keys that stand in brackets: Flipper[:bulk_export].enabled?
func accessed(p string, file *source.File) []use {
	var list []use
	for _, a := range file.Accesses {
		if a.Key && !a.Write && file.Lang == source.Ruby && a.Receiver == "Flipper" {
			list = append(list, use{key: a.Name, path: p, line: a.Span.Line, sdk: "flipper", call: "Flipper[]", kind: "boolean", served: true})
		}
	}
	return list
}

var (
	flagTag       = lazy.New(`^(PostHogFeature|IfFeatureEnabled|FeatureString|Feature(Flag|Gate|Toggle|Flagged)?|FlagGate|Flagged|Toggle)$`)
	flagAttribute = lazy.New(`^(flag|feature|flagKey|featureKey|featureFlag|gate)$`)
)

// marked are evaluations in JSX: <PostHogFeature flag="new-cart">.
func (f *flags) marked(p string, file *source.File, sdk string) []use {
	if file.Root() == nil || file.Lang != source.TypeScript && file.Lang != source.JavaScript || !strings.HasSuffix(p, "x") && !strings.Contains(string(file.Text), "</") {
		return nil
	}
	var list []use
	var walk func(n source.Node, depth int)
	walk = func(n source.Node, depth int) {
		if depth > 200 || n == nil {
			return
		}
		if k := n.Kind(); k == "jsx_opening_element" || k == "jsx_self_closing_element" {
			if name := n.Field("name"); name != nil && flagTag.MatchString(name.Text()) {
				for _, a := range n.Children() {
					parts := a.Children()
					if a.Kind() != "jsx_attribute" || len(parts) != 2 || !flagAttribute.MatchString(parts[0].Text()) {
						continue
					}
					if key := f.resolve(file, strings.Trim(parts[1].Text(), "{}")); flagKey.MatchString(key) {
						list = append(list, use{key: key, path: p, line: a.Span().Line, sdk: sdk, call: name.Text(), served: sdk != ""})
					}
				}
			}
		}
		for _, c := range n.Children() {
			walk(c, depth+1)
		}
	}
	if sdk != "" || flagModule.MatchString(p) || slices.ContainsFunc(file.Imports, func(i *source.Import) bool { return flagModule.MatchString(i.Path) }) {
		walk(file.Root(), 0)
	}
	return list
}

// importsClient says whether the receiver is imported from a module of the repository that speaks of flags.
func (f *flags) importsClient(file *source.File, receiver string) bool {
	for _, i := range file.Imports {
		if receiver == "" || !flagModule.MatchString(i.Path) {
			continue
		}
		for _, n := range i.Names {
			if n.Name == receiver || n.Alias == receiver {
				return true
			}
		}
	}
	return false
}

// introduced are the evaluations on lines of the branch.
func (f *flags) introduced() []use {
	var list []use
	for _, file := range f.pass.Branch.Files {
		if file.Status == branch.Deleted || !readable(file.Path) || file.Generated || file.Vendored || file.TooLarge {
			continue
		}
		parsed, err := f.pass.Source.Head(file.Path)
		if err != nil || parsed == nil {
			continue
		}
		for _, u := range f.usesIn(file.Path, parsed) {
			if file.Touched(u.line) {
				list = append(list, u)
			}
		}
	}
	return list
}

// users are the evaluations of a flag anywhere at the head.
func (f *flags) users(key string) []use {
	if list, ok := f.known[key]; ok {
		return list
	}
	naming, err := f.pass.Source.Naming(f.pass.Context, key)
	if err != nil {
		return nil
	}
	paths := naming[key]
	for _, p := range naming[key] { // those that evaluate it by a constant
		for _, name := range f.constantsOf(p, key) {
			if more, err := f.pass.Source.Naming(f.pass.Context, name); err == nil {
				paths = append(slices.Clone(paths), more[name]...)
			}
		}
	}
	slices.Sort(paths)
	var list []use
	for _, p := range slices.Compact(paths) {
		if !readable(p) || f.pass.Context.Err() != nil {
			continue
		}
		if file, err := f.pass.Source.Head(p); err == nil && file != nil {
			for _, u := range f.usesIn(p, file) {
				if u.key == key {
					list = append(list, u)
				}
			}
		}
	}
	f.known[key] = list
	return list
}

// constantsOf are the constants and members that a file gives the key to.
func (f *flags) constantsOf(p, key string) []string {
	if !readable(p) {
		return nil
	}
	file, err := f.pass.Source.Head(p)
	if err != nil || file == nil {
		return nil
	}
	var list []string
	for _, d := range file.Decls {
		if len(d.Default) < len(key)+8 && strings.Trim(d.Default, `"'()`+"`:") == key && len(d.Name) > 2 {
			list = append(list, d.Name)
		}
	}
	for _, o := range file.Objects {
		for _, k := range o.Keys {
			if strings.Trim(k.Value, `"'`+"`") == key && len(k.Value) > len(key) && len(k.Name) > 2 {
				list = append(list, k.Name)
			}
		}
	}
	return list[:min(len(list), 4)]
}
