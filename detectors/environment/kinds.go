package environment

// What kind of file a path is, as far as names of variables are concerned.

import (
	"path"
	"strings"

	"flightpoll/detectors/lazy"
	"flightpoll/detectors/source"
)

var (
	sampleName = lazy.New(`(?i)(example|sample|template|\.dist\b|\.tpl\b|\.tmpl\b|defaults?\b)`)
	asidePath  = lazy.New(`(?i)(^|/)(tests?|testdata|specs?|fixtures?|__tests__|e2e|mocks?|examples?|samples?|demos?|benchmarks?|node_modules|vendor|third_party|\.idea|\.vscode|docs?|website|locales?|i18n|translations)/`)
	ciPath     = lazy.New(`(?i)(^|/)(\.github/|\.gitlab-ci|\.gitlab/|\.circleci/|\.buildkite/|\.woodpecker|\.drone\.yml|azure-pipelines|jenkinsfile|bitbucket-pipelines|\.travis\.yml|cloudbuild|appveyor|\.semaphore/)`)
	toolNames  = lazy.New(`(?i)^(turbo\.json|nx\.json|\.?cspell.*|\.eslintrc.*|knip\.json|renovate\.json.*|package\.json|tsconfig.*\.json|\.pre-commit-config\.yaml|\.gitleaks\.toml|typos\.toml|codecov\.ya?ml|openapi.*|swagger.*|schema\.json|.*\.schema\.json|composer\.json|cargo\.toml|pyproject\.toml|\.golangci.*|mkdocs.*|.*\.ipynb|.*\.d\.ts)$`)
	codeEnding = lazy.New(`(?i)\.(go|tsx?|jsx?|mjs|cjs|mts|cts|py|pyi|rs|rb|rake|erb|java|kt|kts|scala|php|cs|fs|vb|ex|exs|swift|vue|svelte|astro|c|cc|cpp|h|hpp|m|dart|lua|pl|r|clj|hs|ml|elm|html?|css|scss|less|sql|graphql|proto|ipynb|snap|svg|patch|diff|hbs|ejs|haml|slim|cr|nim|zig|groovy|gradle)$`)
	docEnding  = lazy.New(`(?i)\.(md|mdx|rst|adoc|txt|org)$`)
)

// aside says that a file is not about running the product: tests, examples, documents, vendored code.
func aside(p string) bool {
	if m := jvmPackage.FindString(p); m != "" {
		// What stands between the source folder and the file is a package (com/example/demo), which says nothing.
		p = m + path.Base(p)
	}
	return asidePath.MatchString(p) || source.IsTest(p) || source.IsExample(p)
}

// jvmPackage is a source folder below which folders are packages.
var jvmPackage = lazy.New(`^(.*/)?src/main/(java|kotlin|scala|groovy)/`)

type fileKind int

const (
	codeFile fileKind = iota
	docFile
	sampleFile
	ciFile
	configFile
	otherFile
)

func fileKindOf(p string) fileKind {
	base := path.Base(p)
	switch {
	case docEnding.MatchString(base), source.IsDoc(p):
		return docFile
	case toolNames.MatchString(base):
		return otherFile
	case strings.Contains(strings.ToLower(base), "env") && sampleName.MatchString(base):
		return sampleFile
	case aside(p):
		return otherFile
	case codeEnding.MatchString(base):
		return codeFile
	case ciPath.MatchString(p):
		return ciFile
	}
	return configFile
}

// exact are variables that a platform, a shell or a runtime sets; prefixes are those of whole families.
var (
	exact = wordSet(`NODE_ENV PORT HOST HOSTNAME HOME PATH PWD OLDPWD USER USERNAME LOGNAME SHELL SHLVL LANG LANGUAGE TZ TMPDIR TMP TEMP TERM EDITOR VISUAL PAGER
		CI DEBUG NO_COLOR DO_NOT_TRACK FORCE_COLOR COLUMNS LINES DISPLAY GOPATH GOROOT GOOS GOARCH GOFLAGS GOMAXPROCS GOMEMLIMIT CGO_ENABLED JAVA_HOME PYTHONPATH VIRTUAL_ENV
		LD_LIBRARY_PATH HTTP_PROXY HTTPS_PROXY NO_PROXY http_proxy https_proxy no_proxy ALL_PROXY SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE
		DEV PROD MODE SSR BASE_URL RUST_LOG RUST_BACKTRACE OUT_DIR CARGO_MANIFEST_DIR APPDATA LOCALAPPDATA PROGRAMFILES PROGRAMDATA USERPROFILE SYSTEMROOT WINDIR COMSPEC
		SUDO_USER SSH_AUTH_SOCK SSH_CONNECTION SSH_TTY DYNO BRANCH COMMIT_REF DEPLOY_PRIME_URL URL CONTEXT GOOGLE_APPLICATION_CREDENTIALS GCP_PROJECT GOOGLE_CLOUD_PROJECT
		K_SERVICE K_REVISION K_CONFIGURATION FUNCTION_TARGET WEBSITE_SITE_NAME WEBSITE_HOSTNAME DOCKER_HOST KUBECONFIG POD_NAME POD_NAMESPACE POD_IP NODE_NAME NODE_OPTIONS
		NOTIFY_SOCKET LISTEN_FDS LISTEN_PID INVOCATION_ID XDG_CONFIG_HOME XDG_DATA_HOME XDG_CACHE_HOME XDG_STATE_HOME XDG_RUNTIME_DIR WSL_DISTRO_NAME MSYSTEM OS
		RAILS_ENV RACK_ENV APP_ENV FLASK_ENV FLASK_APP DJANGO_SETTINGS_MODULE MIX_ENV ASPNETCORE_ENVIRONMENT DOTNET_ENVIRONMENT PYTEST_CURRENT_TEST JEST_WORKER_ID VITEST`)
	prefixes = strings.Fields(`GITHUB_ RUNNER_ GITLAB_ CI_ CIRCLE_ TRAVIS_ BUILDKITE_ JENKINS_ TF_ AWS_LAMBDA_ AWS_ ECS_ VERCEL_ NEXT_PUBLIC_VERCEL_ NETLIFY_ RENDER_ RAILWAY_ FLY_ HEROKU_ CF_PAGES
		KUBERNETES_ npm_ NPM_ OTEL_ DD_ XDG_ LC_ AZURE_ GCLOUD_ CLOUD_RUN_ FUNCTIONS_ VSCODE_ PLAYWRIGHT_ CYPRESS_ JEST_ VITEST_ PYTEST_ CARGO_ GIT_ SSH_ TERM_ NIX_ ANDROID_ CODESPACE CODESPACES GITPOD_ EXPO_OS NEXT_RUNTIME SENTRY_`)
)

// platform says that a variable is set by what runs the program, not by the repository.
func platform(name string) bool {
	if exact[name] {
		return true
	}
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func wordSet(text string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(text) {
		set[w] = true
	}
	return set
}
