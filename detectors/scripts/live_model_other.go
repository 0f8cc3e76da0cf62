package scripts

// The application's models in migrations of Rails, Laravel, TypeORM and Sequelize.

import (
	"path"
	"regexp"
	"strings"

	"flightpoll/detectors/lazy"
)

// liveModel is a model of the application that a migration works with.
type liveModel struct {
	class, file string
	line        int
	// why says what the model brings along that the migration does not mean, empty when it is not seen.
	why string
}

var (
	rubyModel   = lazy.New(`(?m)^[^#\n]*?\b([A-Z]\w*(?:::[A-Z]\w*)*)\.(where|find_each|in_batches|find_in_batches|update_all|all|find_by|find_or_create_by!?|create!?|each|unscoped|insert_all!?|upsert_all|delete_all|destroy_all|joins|left_joins|includes|order|select|pluck|first|last|not|find)\b`)
	phpModelUse = lazy.New(`(?m)^use\s+(App\\(?:Models\\)?(\w+(?:\\\w+)*))\s*;`)
	tsModelUse  = lazy.New(`(?m)^import\s+(?:type\s+)?\{?\s*([A-Z]\w*)[^}\n]*\}?\s+from\s+["'](\.{1,2}/[^"']*(?:entit|model)[^"']*)["']`)
	jsModelUse  = lazy.New(`(?m)(?:const|let|var)\s+(?:\{\s*)?([A-Z]\w*)[^=\n]*=\s*require\(\s*["'](\.{1,2}/[^"']*(?:entit|model)[^"']*)["']`)
	railsScope  = lazy.New(`(?m)^\s*(default_scope|acts_as_paranoid|include Discard|acts_as_tenant|multi_tenant)\b`)
	// railsHooks are what a model does when a row is stored; railsStores is that a migration stores rows one by one.
	railsHooks  = lazy.New(`(?m)^\s*(before_(?:save|validation|create|update)|after_(?:save|create|update|commit|create_commit|update_commit|save_commit)|around_save|validates?|validates_\w+|has_paper_trail|searchkick|audited)\b`)
	railsStores = lazy.New(`\.(save!?|update!?|create!?|find_or_create_by!?|destroy!?|destroy_all|touch|increment!|toggle!|update_attributes!?|update_attribute)\b`)
	phpScope    = lazy.New(`\b(SoftDeletes|addGlobalScope|ScopedBy|BelongsToTenant|LogsActivity|ObservedBy|booted|boot\(\)|Searchable)\b`)
	phpWrites   = lazy.New(`->(save|update|delete|create|fill|forceFill)\(|::(create|updateOrCreate|firstOrCreate)\(`)
)

// liveModelOf finds the application's model that a migration queries or writes with, nil for none.
func (c *changes) liveModelOf(s *changed) *liveModel {
	switch s.runner.name {
	case "Rails":
		return c.railsLiveModel(s)
	case "Laravel":
		for _, m := range phpModelUse.FindAllStringSubmatchIndex(s.text, 20) {
			class := path.Base(strings.ReplaceAll(s.text[m[4]:m[5]], `\`, "/"))
			file := "app/" + strings.TrimPrefix(strings.ReplaceAll(s.text[m[2]:m[3]], `\`, "/"), "App/") + ".php"
			model := c.readHead(file)
			at := regexp.MustCompile(`\b` + class + `::(query|where\w*|all|chunk\w*|each|create|updateOrCreate|firstOrCreate|find\w*|cursor|lazy\w*|withTrashed|with)\(`).FindStringIndex(s.text)
			if model == nil || at == nil {
				continue
			}
			found := &liveModel{class: class, file: file, line: 1 + strings.Count(s.text[:at[0]], "\n")}
			if m := phpScope.FindString(string(model)); m != "" {
				found.why = m
			} else if phpWrites.MatchString(s.text[at[0]:]) && strings.Contains(string(model), "casts") {
				found.why = "casts"
			}
			return found
		}
	case "TypeORM", "Sequelize", "MikroORM", "Knex", "node-pg-migrate":
		for _, re := range []*lazy.Regexp{tsModelUse, jsModelUse} {
			for _, m := range re.FindAllStringSubmatchIndex(s.text, 20) {
				class := s.text[m[2]:m[3]]
				at := regexp.MustCompile(`getRepository\(\s*` + class + `\b|\b` + class + `\.(find\w*|update\w*|create\w*|bulkCreate|query|destroy|scope)\(|\.(find|save|update|insert|delete|nativeUpdate)\(\s*` + class + `\b`).FindStringIndex(s.text)
				if at != nil {
					return &liveModel{class: class, file: c.importedFile(s.path, s.text[m[4]:m[5]]), line: 1 + strings.Count(s.text[:at[0]], "\n"), why: "entity"}
				}
			}
		}
	}
	return nil
}

func (c *changes) railsLiveModel(s *changed) *liveModel {
	for _, m := range rubyModel.FindAllStringSubmatchIndex(s.text, 50) {
		class := s.text[m[2]:m[3]]
		first, _, _ := strings.Cut(class, "::")
		if strings.Contains(s.text, "class "+first) || strings.Contains(s.text, "module "+first) || strings.Contains(s.text, first+" = ") {
			continue // the migration has its own
		}
		file := "app/models/" + strings.ReplaceAll(snakePath(class), "::", "/") + ".rb"
		model := c.readHead(file)
		if model == nil {
			continue
		}
		found := &liveModel{class: class, file: file, line: 1 + strings.Count(s.text[:m[2]], "\n")}
		if w := railsScope.FindStringSubmatch(string(model)); w != nil && !strings.Contains(s.text, class+".unscoped") {
			found.why = w[1]
		} else if w := railsHooks.FindStringSubmatch(string(model)); w != nil && railsStores.MatchString(s.text[m[0]:]) && !strings.Contains(s.text, "update_column") {
			found.why = w[1]
		}
		return found
	}
	return nil
}

// snakePath is the file of a constant: Billing::OrderLine is billing/order_line.
func snakePath(class string) string {
	var parts []string
	for _, p := range strings.Split(class, "::") {
		parts = append(parts, snake(p))
	}
	return strings.Join(parts, "/")
}

// importedFile is the file that a relative import means, empty when it is not there.
func (c *changes) importedFile(from, module string) string {
	at := path.Join(path.Dir(from), strings.TrimSuffix(module, ".js"))
	for _, end := range []string{".ts", ".js", "/index.ts", "/index.js", ".mjs", ".cjs"} {
		if c.readHead(at+end) != nil {
			return at + end
		}
	}
	return ""
}
