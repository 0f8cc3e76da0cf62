package scripts

// Commands that make what they refuse, or double, when it is there already.

import (
	"path"
	"slices"
	"strings"

	"flightpoll/detectors/lazy"
)

// creator is a row of the table: a command with its subcommand, and what makes it repeatable.
type creator struct {
	// words are the command and its subcommands; options may stand between them. A last word that ends with "-" is the
	// beginning of one, "*" is any word.
	words string
	// unless are options, or words, with which it may be repeated.
	unless string
	// local: what it makes stays on the machine, so a fresh machine (a CI runner, an image) has none.
	local bool
	// doubles: it does not refuse but does it once more.
	doubles bool
	// placed: only for a path below a fixed place.
	placed bool
	// needs are options without which it makes nothing.
	needs string
	// often: people who start it by hand mean it, so it counts only where something starts the text again.
	often bool
}

// creators are documented by their tools: each fails when the thing exists, but those that double.
var creators = []creator{
	{words: "mkdir", unless: "-p --parents", local: true, placed: true},
	{words: "ln", unless: "-f --force", needs: "-s --symbolic", local: true, placed: true},
	{words: "createdb"}, {words: "createuser"}, {words: "dropdb", unless: "--if-exists"}, {words: "dropuser", unless: "--if-exists"},
	{words: "useradd", local: true}, {words: "adduser", unless: "--system", local: true}, {words: "groupadd", unless: "-f --force", local: true},
	{words: "addgroup", unless: "--system", local: true},
	{words: "kubectl create", unless: "--dry-run --save-config token"}, {words: "oc create", unless: "--dry-run token"}, {words: "oc new-project"}, {words: "oc new-app"},
	{words: "docker network create", local: true}, {words: "docker secret create"}, {words: "docker config create"}, {words: "docker service create"},
	{words: "docker swarm init", local: true}, {words: "docker run", needs: "--name", unless: "--rm", local: true}, {words: "podman network create", unless: "--ignore", local: true},
	{words: "docker buildx create", needs: "--name", local: true},
	{words: "aws s3 mb"}, {words: "aws s3api create-bucket"}, {words: "aws dynamodb create-table"}, {words: "aws ecr create-repository"},
	{words: "aws iam create-"}, {words: "aws logs create-log-group"}, {words: "aws ssm put-parameter", unless: "--overwrite"},
	{words: "aws cloudformation create-stack"}, {words: "aws lambda create-function"}, {words: "aws secretsmanager create-secret"},
	{words: "aws rds create-db-instance"}, {words: "aws rds create-db-cluster"}, {words: "aws ecs create-service"}, {words: "aws eks create-"},
	{words: "aws kinesis create-stream"}, {words: "aws cognito-idp create-user-pool", doubles: true}, {words: "aws ec2 run-instances", unless: "--client-token", doubles: true},
	{words: "aws ec2 create-key-pair"}, {words: "aws ec2 create-security-group"}, {words: "aws ec2 create-vpc", doubles: true},
	{words: "aws elbv2 create-load-balancer"}, {words: "aws elbv2 create-target-group"}, {words: "aws route53 create-hosted-zone", doubles: true}, {words: "aws lambda create-event-source-mapping"},
	{words: "gcloud * create"}, {words: "gcloud * * create"}, {words: "gcloud * * * create"}, {words: "gsutil mb"}, {words: "bq mk", unless: "-f --force"},
	{words: "gh label create", unless: "-f --force"}, {words: "gh repo create"}, {words: "gh release create"},
	{words: "helm install"}, {words: "heroku apps:create"}, {words: "heroku addons:create", doubles: true}, {words: "flyctl apps create"}, {words: "fly apps create"},
	{words: "fly volumes create", doubles: true}, {words: "flyctl volumes create", doubles: true}, {words: "dokku apps:create"}, {words: "doctl * create"}, {words: "doctl * * create"},
	{words: "terraform workspace new"}, {words: "pulumi stack init"}, {words: "eksctl create cluster"},
	{words: "kubeadm init", local: true}, {words: "vault operator init"}, {words: "vault secrets enable"}, {words: "vault auth enable"}, {words: "consul acl bootstrap"},
	{words: "rabbitmqctl add_user"}, {words: "rabbitmqctl add_vhost"}, {words: "mysqladmin create"}, {words: "influx bucket create"}, {words: "influx setup"},
	{words: "kafka-topics", needs: "--create", unless: "--if-not-exists"}, {words: "kafka-topics.sh", needs: "--create", unless: "--if-not-exists"},
	{words: "nats stream add"}, {words: "nats stream create"}, {words: "etcdctl user add"}, {words: "mc mb", unless: "-p --ignore-existing"}, {words: "s3cmd mb"},
	{words: "wp user create"}, {words: "wp db create"}, {words: "wp post create", doubles: true},
	{words: "keytool", needs: "-importcert -import -genkeypair -genkey -importkeystore", local: true, often: true},
	{words: "initdb", local: true}, {words: "pg_createcluster", local: true}, {words: "mysql_install_db", local: true},
	{words: "mkfs", local: true}, {words: "mkfs.ext4", local: true}, {words: "mkfs.xfs", local: true},
	{words: "lvcreate", local: true}, {words: "vgcreate", local: true}, {words: "zfs create", unless: "-p", local: true}, {words: "zpool create", local: true},
	{words: "mdadm", needs: "--create -C", local: true}, {words: "cryptsetup luksFormat", local: true},
	{words: "ipset create", unless: "-exist -!", local: true}, {words: "ip link add", local: true}, {words: "ip netns add", local: true}, {words: "ip route add", local: true},
	{words: "ip rule add", local: true, doubles: true}, {words: "ip addr add", local: true}, {words: "tc qdisc add", local: true},
	{words: "iptables", needs: "-A -I --append --insert", unless: "-C", local: true, doubles: true}, {words: "ip6tables", needs: "-A -I --append --insert", unless: "-C", local: true, doubles: true},
	{words: "nft add rule", local: true, doubles: true}, {words: "nft insert rule", local: true, doubles: true},
	{words: "semanage port", needs: "-a --add", local: true}, {words: "semanage fcontext", needs: "-a --add", local: true},
	{words: "git remote add", local: true, often: true}, {words: "git worktree add", local: true, often: true}, {words: "git tag", unless: "-f --force -l --list -d --delete --points-at --contains --sort", local: true, often: true},
	{words: "htpasswd", needs: "-c", local: true},
}

var creatorsOf = func() map[string][]creator {
	m := map[string][]creator{}
	for _, c := range creators {
		first, _, _ := strings.Cut(c.words, " ")
		m[first] = append(m[first], c)
	}
	return m
}()

var (
	fixedPlace = lazy.New(`^(/(var|etc|opt|srv|usr|home|data|mnt|root)/|\$?` + hole + `\w*/)`)
	// passingName is what a name says of something that is made for the run alone.
	passingName = lazy.New(`(?i)(^|[-_./ ])(te?mp|test|tests|ci|scratch|snapshots?|backups?|dry)([-_./ ]|$)`)
	// oneOff are nouns of gcloud and others that are made at each run on purpose.
	oneOff = lazy.New(`(?i)^(snapshots?|backups?|versions?|releases?|builds?|exports?|operations?|invalidations?|executions?|rollouts?|tokens?|keys?)$`)
)

// creatorIn finds the row that a command is, and the thing it makes, false for other commands, for repeatable forms and
// for things whose name is new at each run. words are the command's texts, its name first.
func creatorIn(words []string) (creator, string, bool) {
	name := path.Base(words[0])
	for _, c := range creatorsOf[name] {
		rest, ok := follows(words[1:], strings.Fields(c.words)[1:])
		if !ok || c.unless != "" && hasOption(words[1:], c.unless) || c.needs != "" && !hasOption(words[1:], c.needs) {
			continue
		}
		thing := nounOf(c, name, words[1:], rest)
		if thing == "" || isFresh(strings.Join(words, " ")) || passingName.MatchString(thing) || c.placed && !fixedPlace.MatchString(thing) {
			return creator{}, "", false
		}
		return c, thing, true
	}
	return creator{}, "", false
}

// follows says whether the words hold the subcommands in order, with nothing but options and their values between, and
// gives what comes behind.
func follows(words, subs []string) ([]string, bool) {
	if len(subs) == 0 {
		return words, true
	}
	for i, w := range words {
		if strings.HasPrefix(w, "-") {
			continue
		}
		sub := subs[0]
		if w == sub || sub == "*" && !oneOff.MatchString(w) || strings.HasSuffix(sub, "-") && strings.HasPrefix(w, sub) {
			if rest, ok := follows(words[i+1:], subs[1:]); ok {
				return rest, true
			}
		}
		if i == 0 || !strings.HasPrefix(words[i-1], "-") { // not an option's value
			return nil, false
		}
	}
	return nil, false
}

// hasOption says whether the words hold one of the options: as it is, with a value, or in a group of short ones.
func hasOption(words []string, options string) bool {
	for _, o := range strings.Fields(options) {
		for _, w := range words {
			if w == o || strings.HasPrefix(w, o+"=") || len(o) == 2 && o[0] == '-' && len(w) > 2 && w[0] == '-' && w[1] != '-' && len(w) < 8 && strings.Contains(w, o[1:]) {
				return true
			}
		}
	}
	return false
}

// switches are options of the commands above that take no value, so that the word behind them is an operand.
var switches = []string{"--internal", "--attachable", "--ingress", "--ipv6", "--config-only", "--private", "--public", "--wait", "--atomic", "--quiet", "--yes", "--async"}

// nounOf is what a message calls the thing.
func nounOf(c creator, name string, words, rest []string) string {
	var plain []string
	for i, w := range rest {
		if !strings.HasPrefix(w, "-") && (i == 0 || !strings.HasPrefix(rest[i-1], "-") || slices.Contains(switches, rest[i-1]) || strings.Contains(rest[i-1], "=") || len(rest[i-1]) > 2 && !strings.HasPrefix(rest[i-1], "--")) {
			plain = append(plain, w)
		}
	}
	switch {
	case name == "keytool":
		if i := slices.Index(words, "-alias"); i >= 0 && i+1 < len(words) {
			return words[i+1]
		}
		return "an entry of the key store"
	case name == "docker" && strings.HasSuffix(c.words, "run"):
		for i, w := range words {
			if v, ok := strings.CutPrefix(w, "--name="); ok {
				return v
			}
			if w == "--name" && i+1 < len(words) {
				return words[i+1]
			}
		}
		return ""
	case name == "git" && strings.HasSuffix(c.words, "tag") && len(plain) == 0:
		return ""
	case c.placed || slices.Contains([]string{"createdb", "createuser", "useradd", "adduser", "groupadd", "addgroup", "dropdb", "dropuser"}, name):
		if len(words) == 0 {
			return ""
		}
		return words[len(words)-1]
	}
	if len(plain) > 2 {
		plain = plain[:2]
	}
	sub := strings.TrimSpace(strings.TrimPrefix(c.words, name))
	if strings.HasPrefix(c.words, "gcloud") || strings.HasPrefix(c.words, "doctl") || strings.HasSuffix(sub, "-") {
		sub = ""
		for _, w := range words {
			if strings.HasPrefix(w, "-") {
				continue
			}
			if sub = strings.TrimSpace(sub + " " + w); w == "create" || strings.HasPrefix(w, "create-") {
				break
			}
		}
	}
	if noun := strings.TrimSpace(sub + " " + strings.Join(plain, " ")); noun != "" {
		return noun
	}
	return strings.Join(words[:min(2, len(words))], " ")
}
