package scripts

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"flightpoll/detectors"
	"flightpoll/detectors/branch"
	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source/document"
)

// LostProtection reports a resource that holds data and loses what kept an apply from destroying it.
var LostProtection = &detectors.Detector{
	ID:    "scripts/lost-protection",
	Title: "A resource with data loses what keeps an apply from destroying it",
	Run:   quoting(runLostProtection),
}

// keeping are the settings that keep a resource, or a copy of its data, when it is to be destroyed: the value that keeps,
// by name; "absent" is kept by leaving it out.
var keeping = []struct{ name, keeps, gives string }{
	{"prevent_destroy", "true", "an apply that has to replace it destroys it with its data"},
	{"deletion_protection", "true", "an apply may delete it"},
	{"deletion_protection_enabled", "true", "an apply may delete it"},
	{"enable_deletion_protection", "true", "an apply may delete it"},
	{"termination_protection", "true", "an apply may delete it"},
	{"skip_final_snapshot", "false", "nothing is kept of it when it is deleted"},
	{"force_destroy", "false", "it is deleted with everything in it"},
	{"deletion_policy", "ABANDON Retain RETAIN", "it is deleted with the resource"},
	{"delete_automated_backups", "false", "its backups are deleted with it"},
	{"prevent_deletion_if_contains_resources", "true", "it is deleted with everything in it"},
	{"purge_protection_enabled", "true", "what is deleted is gone at once"},
	{"DeletionPolicy", "Retain Snapshot", "it is deleted with the stack"},
	{"UpdateReplacePolicy", "Retain Snapshot", "it is deleted when the stack replaces it"},
	{"DeletionProtection", "true", "the stack may delete it"},
	{"persistentVolumeReclaimPolicy", "Retain", "the volume goes with its claim"},
	{"reclaimPolicy", "Retain", "the volume goes with its claim"},
}

// holdsData are the kinds of resources that hold what cannot be made again.
var holdsData = lazy.New(`(?i)(db_instance|rds|database|_sql_|sqlserver|mysql|postgres|mariadb|mongo|cosmos|dynamodb|docdb|neptune|redshift|bigquery|bigtable|spanner|firestore|elasticsearch|opensearch|elasticache|memorydb|redis|s3_bucket|storage_bucket|storage_account|storage_container|blob|efs_file|_filesystem|ebs_volume|_disk|_volume|persistent|kms_key|key_vault|secret|ecr_repository|artifact_registry|cognito_user_pool|kinesis|msk_cluster|kafka_topic|pubsub_topic|log_group|workspace|backup_vault|glue_catalog|route53_zone|dns_zone|AWS::(RDS|DynamoDB|S3|EFS|KMS|Redshift|Neptune|DocDB|OpenSearchService|Elasticsearch|Cognito|SecretsManager)|StorageClass)`)

func runLostProtection(pass *detectors.Pass) error {
	seen := false
	for _, f := range pass.Branch.Files {
		if err := pass.Context.Err(); err != nil {
			return err
		}
		ext := path.Ext(f.Path)
		if f.Status != branch.Modified && f.Status != branch.Renamed || !judged(f) || ext != ".tf" && ext != ".yaml" && ext != ".yml" && ext != ".json" {
			continue
		}
		before, err := f.Before()
		if err != nil || !slices.ContainsFunc(keeping, func(k struct{ name, keeps, gives string }) bool { return strings.Contains(string(before), k.name) }) {
			continue
		}
		after, err := f.After()
		if err != nil {
			continue
		}
		was, is := guardedResources(f.Path, before), guardedResources(f.Path, after)
		for _, old := range was {
			seen = true
			for _, now := range is {
				if now.name == old.name {
					lost(pass, f, old, now)
				}
			}
		}
	}
	if !seen {
		return detectors.ErrNotApplicable
	}
	return nil
}

// kept is one resource with its settings of keeping.
type kept struct {
	name, kind string
	line       int
	settings   map[string]setting
}

type setting struct {
	value string
	line  int
}

// guardedResources reads the resources of a file of Terraform, CloudFormation or Kubernetes.
func guardedResources(p string, text []byte) []kept {
	docs, err := document.Read(p, text)
	if err != nil {
		return nil
	}
	var list []kept
	for _, doc := range docs {
		for _, kind := range doc.Get("resource").Entries() {
			for _, r := range kind.Value.Entries() {
				list = append(list, keptIn(kind.Key+"."+r.Key, kind.Key, r.Line, r.Value))
			}
		}
		for _, m := range doc.Get("module").Entries() {
			list = append(list, keptIn("module."+m.Key, m.Value.Text("source"), m.Line, m.Value))
		}
		for _, r := range doc.Get("Resources").Entries() {
			list = append(list, keptIn(r.Key, r.Value.Text("Type"), r.Line, r.Value))
		}
		if kind := doc.Text("kind"); kind == "StorageClass" || kind == "PersistentVolume" {
			list = append(list, keptIn(doc.Text("metadata", "name"), kind, doc.Line, doc))
		}
	}
	return list
}

func keptIn(name, kind string, line int, n *document.Node) kept {
	k := kept{name: name, kind: kind, line: line, settings: map[string]setting{}}
	n.Walk(func(p document.Pair) {
		if slices.ContainsFunc(keeping, func(s struct{ name, keeps, gives string }) bool { return s.name == p.Key }) && p.Value.Scalar() {
			k.settings[p.Key] = setting{strings.Trim(p.Value.Value, `"`), p.Line}
		}
	})
	return k
}

// lost reports what a resource no longer has.
func lost(pass *detectors.Pass, f *branch.File, old, now kept) {
	if !holdsData.MatchString(old.kind) && !strings.HasPrefix(old.name, "module.") {
		return
	}
	for _, k := range keeping {
		was, had := old.settings[k.name]
		is, has := now.settings[k.name]
		if !had || !slices.Contains(strings.Fields(k.keeps), was.value) || has && (is.value == "" || slices.Contains(strings.Fields(k.keeps), is.value)) {
			continue
		}
		line, how := now.line, "is gone"
		if has {
			line, how = is.line, "is "+is.value+" now"
		} else if k.keeps == "false" {
			continue // left out it is what it was
		}
		pass.Report(detectors.Finding{
			Severity: detectors.Warning, Path: f.Path, Line: line, Symbol: k.name,
			Message:  fmt.Sprintf("%s of %s %s: %s", k.name, now.name, how, k.gives),
			Why:      "The next apply that replaces or removes the resource takes its data along, and no plan is asked again in a pipeline that applies by itself.",
			Fix:      "Keep " + k.name + ", or take a snapshot first and say in the change how the data comes back.",
			Evidence: []string{now.name, k.name, is.value},
		})
		return // one a resource is enough
	}
}
