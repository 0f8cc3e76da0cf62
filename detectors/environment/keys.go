package environment

// Keys of structured settings, wherever a file gives them: families with environments, and files that hold for all.

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/environment/effective"
	"flightpoll/detectors/lazy"
)

// keyPlaces are the files of the head that give a key, examples included; one file counts once.
func (l *ledger) keyPlaces(key string) []evidence {
	if list, ok := l.keys[key]; ok {
		return list
	}
	var list []evidence
	words := append(spellings(lastKey(key)), key, strings.ReplaceAll(key, ":", "."))
	naming, err := l.pass.Source.Naming(l.pass.Context, words...)
	if err == nil {
		seen := map[string]bool{}
		for _, w := range words {
			for _, p := range naming[w][:min(len(naming[w]), 4*maxNaming)] {
				kind := fileKindOf(p)
				if seen[p] || kind != configFile && kind != sampleFile || !keyedFile(p) {
					continue
				}
				seen[p] = true
				if line := keyIn(p, strings.Join(l.text(p), "\n"), spelled(key)); line > 0 {
					e := evidence{path: p, line: line, kind: kind, giving: given}
					if m, ok := l.layout.members[p]; ok {
						e.environment, e.family = m.environment, m.family
					}
					if sampleName.MatchString(path.Base(p)) && !strings.HasPrefix(path.Base(p), "default") {
						e.kind = sampleFile
					}
					list = append(list, e)
				}
			}
		}
	}
	if l.keys == nil {
		l.keys = map[string][]evidence{}
	}
	l.keys[key] = list
	return list
}

// keyedFile says whether a file's format holds keys of applications.
func keyedFile(p string) bool {
	return structured(p) && !composeFile(p) && !ciPath.MatchString(p) && path.Ext(p) != ".lock"
}

func composeFile(p string) bool { return strings.Contains(path.Base(p), "compose") }

// keyIn is the line of a key in a text, 0 where it has none. What a file holds below an environment's name, or a profile's,
// is that environment's.
func keyIn(p, text, key string) int {
	tree, err := readTree(p, []byte(text))
	if err != nil {
		return 0
	}
	for _, e := range tree {
		k := spelled(e.key)
		if k == key || strings.HasPrefix(k, key+"[") || withoutSection(k) == key {
			return max(e.line, 1)
		}
	}
	return 0
}

// withoutSection cuts off the environment that a key stands below.
func withoutSection(key string) string {
	first, rest, ok := strings.Cut(key, ".")
	if !ok {
		return key
	}
	first = strings.TrimPrefix(first, "%")
	if _, known := effective.Known(first); known || slices.Contains(baseWords, first) {
		return rest
	}
	return key
}

// spellings are the ways in which configuration formats write one key.
func spellings(word string) []string {
	var parts []string
	start := 0
	for i, c := range word {
		if c == '-' || c == '_' || unicode.IsUpper(c) && i > start && !unicode.IsUpper(rune(word[i-1])) {
			parts = append(parts, word[start:i])
			start = i
		}
	}
	parts = append(parts, word[start:])
	for i := range parts {
		parts[i] = strings.ToLower(strings.Trim(parts[i], "-_"))
	}
	pascal := ""
	for _, p := range parts {
		if p != "" {
			pascal += strings.ToUpper(p[:1]) + p[1:]
		}
	}
	list := []string{word, strings.Join(parts, "-"), strings.Join(parts, "_"), strings.Join(parts, ""), pascal}
	if pascal != "" {
		list = append(list, strings.ToLower(pascal[:1])+pascal[1:])
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// remoteKeys are libraries that bring configuration from a server or a store at start.
var remoteKeys = []string{"spring-cloud-starter-config", "spring-cloud-starter-vault-config", "spring-cloud-starter-consul-config", "spring-cloud-starter-kubernetes-client-config", "spring-cloud-starter-kubernetes-fabric8-config", "spring-cloud-starter-alibaba-nacos-config", "spring-cloud-starter-zookeeper-config", "apollo-client", "configserver", "spring-cloud-aws-starter-parameter-store", "spring-cloud-aws-starter-secrets-manager", "AddAzureAppConfiguration", "AddAzureKeyVault", "AddSystemsManager", "AddSecretsManager", "AddRemoteProvider", "quarkus-config-consul", "quarkus-vault", "micronaut-discovery-client"}

// keysElsewhere says whether configuration also comes from a server or a store.
func (l *ledger) keysElsewhere() bool {
	naming, err := l.pass.Source.Naming(l.pass.Context, remoteKeys...)
	if err != nil {
		return true
	}
	for _, paths := range naming {
		if len(paths) > 0 {
			return true
		}
	}
	return false
}

// keyGiven says whether anything gives a key: a file, a variable of its name, a default, or a nearby key that holds it.
func (m *missing) keyGiven(key string) bool {
	if list, judged := m.phpPlaces(key); judged {
		return len(list) > 0
	}
	return len(m.keyPlaces(key)) > 0 || m.variableGives(Everywhere, spelled(key)) || m.anyVariable(key) || m.hasDefault(key)
}

// anyVariable says whether a unit of any environment, or a line of a file, has a key's variable.
func (m *missing) anyVariable(key string) bool {
	for _, env := range []Environment{Production, Staging, Preview, Development, Testing, Local} {
		if m.variableGives(env, spelled(key)) {
			return true
		}
	}
	flat := strings.ToUpper(strings.NewReplacer(".", "_", ":", "_", "-", "_").Replace(key))
	names := []string{flat, strings.ToUpper(strings.NewReplacer(".", "_", ":", "_", "-", "").Replace(key)), "-D" + key}
	if strings.Contains(key, ":") {
		names = append(names, strings.ReplaceAll(key, ":", "__"))
	}
	naming, err := m.pass.Source.Naming(m.pass.Context, names...)
	if err != nil {
		return true
	}
	for _, paths := range naming {
		if len(paths) > 0 {
			return true
		}
	}
	return false
}

// secretKey are names of what is kept out of files.
var secretKey = lazy.New(`(?i)password|passwd|secret|token|credential|private|api[-_]?key|access[-_]?key|signing|license|dsn`)

// undeclaredKeys judges the keys that the branch's code starts to need, where files give the others.
func (m *missing) undeclaredKeys(renamed map[string]staleRename) {
	var open []Reference
	for _, r := range m.asked.introduced {
		if _, told := renamed[r.Name]; told || !keyAsked(r) {
			continue
		}
		if !m.keyGiven(r.Name) {
			open = append(open, r)
		}
	}
	if len(open) == 0 || m.keysElsewhere() {
		return
	}
	known, secret, total, where := 0, false, 0, ""
	for name, refs := range m.asked.head {
		if m.new(name) || !slices.ContainsFunc(refs, keyAsked) || total > 60 {
			continue
		}
		total++
		places, judged := m.phpPlaces(name)
		if !judged {
			places = m.keyPlaces(name)
		}
		if len(places) > 0 {
			known++
			secret = secret || secretKey.MatchString(lastKey(name))
			if where == "" || places[0].path < where {
				where = places[0].path
			}
		}
	}
	if known == 0 || known*3 < total*2 {
		return
	}
	for _, r := range open {
		if _, judged := m.phpPlaces(r.Name); !judged && secretKey.MatchString(lastKey(r.Name)) && !secret {
			continue
		}
		f := detectors.Finding{
			Severity: detectors.Warning, Path: r.Path, Line: r.Line, Symbol: r.Name,
			Message:  fmt.Sprintf("The key %s is read here and no configuration file has it, unlike %d of %d other keys of this code (for example in %s)", r.Name, known, total, where),
			Why:      "It has no value in any environment, and the code has no default for it.",
			Fix:      fmt.Sprintf("Add %s where the others are, or give it a default.", r.Name),
			Evidence: []string{r.Name},
			Related:  []detectors.Related{{Path: where, Message: "has the others"}},
		}
		if r.FailFast {
			f.Why = "It has no value in any environment, so the program does not start, or stops at the first use."
		}
		m.pass.Report(f)
	}
}

// keyAsked says whether a reference is one of a key that files are expected to give.
func keyAsked(r Reference) bool {
	return r.Key && !r.Optional && !r.Default && strings.ContainsAny(r.Name, ".:") && !strings.HasPrefix(r.Name, "credentials.") && !strings.HasPrefix(r.Name, "secrets.")
}

// removedKeys judges the keys that the branch takes out of a file, while code still needs them and no file has them.
func (m *missing) removedKeys() {
	looked := 0
	for _, f := range m.pass.Branch.Files {
		if f.Status != branch.Modified && f.OldPath == "" || f.Binary || f.TooLarge || fileKindOf(f.Path) != configFile || !keyedFile(f.Path) || sampleName.MatchString(path.Base(f.Path)) && !strings.HasPrefix(path.Base(f.Path), "default") {
			continue
		}
		before, err := f.Before()
		if err != nil {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		old, err := readTree(f.Path, before)
		if err != nil {
			continue
		}
		now, err := readTree(f.Path, after)
		if err != nil || len(now) == 0 {
			continue
		}
		still := map[string]bool{}
		for _, e := range now {
			still[spelled(e.key)] = true
		}
		for _, e := range old {
			if e.parent || still[spelled(e.key)] || strings.Contains(e.key, "[") || looked > 60 {
				continue
			}
			looked++
			m.removedKey(f, withoutSection(e.key), e.line)
		}
	}
}

func (m *missing) removedKey(f *branch.File, key string, line int) {
	if m.reported[key] {
		return
	}
	for _, p := range m.keyReaders(key) {
		for _, r := range m.headReferences(p) {
			if spelled(r.Name) != spelled(key) || !keyAsked(r) || m.keyGiven(r.Name) || m.keysElsewhere() {
				continue
			}
			m.reported[key] = true
			m.pass.Report(detectors.Finding{
				Severity: detectors.Warning, Path: f.Path, Line: 1, Symbol: r.Name,
				Message:  fmt.Sprintf("The branch takes the key %s out of this file, no other has it, and %s still reads it", key, p),
				Why:      "The code has no default for it, so it runs without the value in every environment, or does not start.",
				Fix:      fmt.Sprintf("Take the read out first, or keep %s until no running version needs it.", key),
				Evidence: []string{key, "removed"},
				Related:  []detectors.Related{{Path: p, Line: r.Line, Message: "reads it"}, {Path: f.Path, Message: fmt.Sprintf("had it on line %d", line)}},
			})
			return
		}
	}
}

// keyReaders are the code files that may read a key: they name it whole, or its last part.
func (m *missing) keyReaders(key string) []string {
	words := append(spellings(lastKey(key)), key, strings.ReplaceAll(key, ".", ":"))
	naming, err := m.pass.Source.Naming(m.pass.Context, words...)
	if err != nil {
		return nil
	}
	var list []string
	for _, w := range words {
		for _, p := range naming[w] {
			if fileKindOf(p) == codeFile && !slices.Contains(list, p) && len(list) < maxNaming {
				list = append(list, p)
			}
		}
	}
	return list
}
