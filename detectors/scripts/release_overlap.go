package scripts

// Whether the release that runs goes on while the next one starts: by what a document says, and by how the product is
// deployed.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	// rollingWords say that two releases run at the same time.
	rollingWords = lazy.New(`(?i)\brolling\b|zero[- ]?downtime|no downtime|without (any )?(downtime|interruption|an outage)|blue[-/ ]?green|canary|\bold(er)?\b (and|&) (the )?\bnew\b|\b(old|previous|last|running)\b (pods?|version|release|instances?|code|containers?|servers?|replicas?|processes|tasks|dynos?|ones?|image)\b[^.]{0,40}\b(still|keeps?|continues?|runs? on|go(es)? on|serves?|answers?|until)\b|RollingUpdate|maxUnavailable|max_?surge|side by side|\b(two|both) (releases|versions)\b`)
	// inTurn say that the instances are exchanged one after the other.
	inTurn = lazy.New(`(?i)\b(pods?|instances?|nodes?|servers?|containers?|replicas?|dynos?|workers?|machines?|hosts?|tasks?|processes|app|apps|copies)\b[^.]{0,80}\b(one by one|one at a time|one after (the )?(other|another)|one (pod|instance|node|server|container|host|machine) (at a time|after)|in turn|gradually|step by step|in batches|a few at a time|bit by bit)\b|\bone (pod|instance|node|server|container|host|machine|replica) (at a time|after)\b`)
	// laterRelease is a rule by which what goes away goes a release later.
	laterRelease = lazy.New(`(?i)\b(one|a|the next|the following|another) release (later|after)|\bin (the (next|following)|a (later|second|following)|two|separate) releases?\b|expand[- /]+(and[- ])?(migrate[- /]+)?contract|backwards?[- ]compatible`)
	// standsStill say that nothing runs while a release is brought out.
	standsStill = lazy.New(`(?i)\b(stop(s|ped)?|shut(s)? down|take(s|n)? down|scale[sd]? (down )?to (zero|0))\b[^.]{0,80}\b(before|migrat|then|deploy|release|while)|maintenance (mode|window|page)|\bdowntime (is|of|window|each|every|at)|\b(short|brief|planned|some|with|accept\w*) (a )?(short |brief )?downtime|type:\s*Recreate|strategy\W+Recreate|artisan down|systemctl stop|\bis (down|stopped|offline) (while|during|for)|single (process|instance|machine|container|server)\b`)
	// releasePhase is that line of a Procfile.
	releasePhase = lazy.New(`(?m)^release\s*:`)
	// migratesBefore are settings of a platform that migrate while the old instances serve.
	migratesBefore = lazy.New(`release_command\s*=|preDeployCommand|helm\.sh/hook["']?\s*:\s*["']?[\w,-]*pre-(upgrade|install)|argocd\.argoproj\.io/hook["']?\s*:\s*["']?PreSync|order:\s*start-first|rollout\s+(restart|status)|kubectl\s+set\s+image|minimumHealthyPercent|deployment_minimum_healthy_percent`)
	deployDocs     = lazy.New(`(?i)^(readme|contributing|agents|claude|architecture|docs/.*deploy|deploy|operations|runbook|docs/.*(release|operat|runbook|migrat|database|architecture))`)
	deployFile     = lazy.New(`(?i)\.(ya?ml|toml|tf)$|(^|/)procfile$`)
)

// overlaps is the file that says that the old release runs on while the new one starts, empty without one, and where another
// says that nothing runs meanwhile.
func (c *changes) overlaps() string {
	paths, err := c.pass.Branch.HeadPaths()
	if err != nil {
		return ""
	}
	found, read := "", 0
	for _, p := range paths {
		document := deployDocs.MatchString(p) && source.IsDoc(p)
		if !document && (!deployFile.MatchString(p) || aside(p)) {
			continue
		}
		if read++; read > maxDocuments || c.pass.Context.Err() != nil {
			break
		}
		raw := c.readHead(p)
		if len(raw) >= 1<<18 {
			continue
		}
		text := string(raw)
		if document {
			text = strings.Join(strings.Fields(text), " ")
		}
		if standsStill.MatchString(text) {
			return ""
		}
		if found == "" && saysOverlap(p, text, document) {
			found = p
		}
	}
	return found
}

// outOfUse say that something went out of use in an earlier release.
var outOfUse = lazy.New(`(?i)\b(no longer|not)\s+(written|used|read|filled|set)\b[^.]*\bsince\b|\b(unused|out of use)\s+since\b`)

// saidUnused says whether a document that only has the rule of a later release says of a name that its release has passed.
func (c *changes) saidUnused(document, name string) bool {
	if !source.IsDoc(document) {
		return false
	}
	text := strings.Join(strings.Fields(string(c.readHead(document))), " ")
	if rollingWords.MatchString(text) || inTurn.MatchString(text) {
		return false
	}
	for _, sentence := range strings.Split(text, ". ") {
		if outOfUse.MatchString(sentence) && holdsWord(strings.ToLower(sentence), strings.ToLower(name)) {
			return true
		}
	}
	return false
}

var (
	containerImage = lazy.New(`(?m)^\s*(?:-\s+)?image:\s*["']?([^\s"'#]+)`)
	// othersImage is the image of a product that others make and that many deploy beside their own.
	othersImage = lazy.New(`^(docker\.io/)?(library/)?(redis|postgres|mysql|mariadb|mongo|nginx|rabbitmq|memcached|traefik|haproxy|caddy|minio/minio|grafana/[\w-]+|prom/[\w-]+|axllent/mailpit|mailhog/mailhog|bitnami/[\w-]+)(:|@|$)`)
)

// deploysOwn says whether a manifest has a Deployment that is not of others' products alone.
func deploysOwn(text string) bool {
	if !strings.Contains(text, "kind: Deployment") {
		return false
	}
	images := containerImage.FindAllStringSubmatch(text, 50)
	for _, m := range images {
		if !othersImage.MatchString(m[1]) {
			return true
		}
	}
	return len(images) == 0
}

func saysOverlap(p, text string, document bool) bool {
	switch {
	case document:
		return rollingWords.MatchString(text) || inTurn.MatchString(text) || laterRelease.MatchString(text)
	case strings.EqualFold(path.Base(p), "procfile"):
		return releasePhase.MatchString(text)
	case path.Ext(p) == ".toml":
		return migratesBefore.MatchString(text) || strings.Contains(text, "strategy") && rollingWords.MatchString(text)
	}
	return deploysOwn(text) || migratesBefore.MatchString(text) || strings.Contains(text, "strategy") && rollingWords.MatchString(text) && !strings.Contains(p, ".github/")
}
