package vars

import (
	"maps"
	"slices"
)

// Name is the name of an environment variable that a target reads.
type Name string

// The variables that targets read; Table says what each is for.
const (
	RegistryToken       Name = "GHCR_TOKEN"
	RegistryUser        Name = "GHCR_USER"
	RegistryHost        Name = "GHCR_HOST"
	HostToken           Name = "REGISTRY_TOKEN_<HOST>"
	HostUser            Name = "REGISTRY_USER_<HOST>"
	Actor               Name = "GITHUB_ACTOR"
	TriggeringActor     Name = "GITHUB_TRIGGERING_ACTOR"
	DockerConfig        Name = "DOCKER_CONFIG"
	CertsDir            Name = "ASTRAGO_CERTS_D"
	DockerHost          Name = "DOCKER_HOST"
	DockerContext       Name = "DOCKER_CONTEXT"
	DockerTLSVerify     Name = "DOCKER_TLS_VERIFY"
	DockerCertPath      Name = "DOCKER_CERT_PATH"
	ContainerdAddress   Name = "CONTAINERD_ADDRESS"
	ContainerdNamespace Name = "CONTAINERD_NAMESPACE"
	DeployToken         Name = "DEPLOY_TOKEN"
	DeployAppID         Name = "DEPLOY_APP_ID"
	DeployAppKey        Name = "DEPLOY_APP_KEY"
	DeployReadToken     Name = "DEPLOY_READ_TOKEN"
	APIURL              Name = "GITHUB_API_URL"
	ServerURL           Name = "GITHUB_SERVER_URL"
	SHA                 Name = "GITHUB_SHA"
	Ref                 Name = "GITHUB_REF"
	RefName             Name = "GITHUB_REF_NAME"
	RefType             Name = "GITHUB_REF_TYPE"
	BaseRef             Name = "GITHUB_BASE_REF"
	Repository          Name = "GITHUB_REPOSITORY"
	RunID               Name = "GITHUB_RUN_ID"
	Actions             Name = "GITHUB_ACTIONS"
	StepSummary         Name = "GITHUB_STEP_SUMMARY"
	Output              Name = "GITHUB_OUTPUT"
	BuildKitHost        Name = "BUILDKIT_HOST"
	BuildKitCA          Name = "BUILDKIT_TLS_CA"
	BuildKitCert        Name = "BUILDKIT_TLS_CERT"
	BuildKitKey         Name = "BUILDKIT_TLS_KEY"
	BuildKitIdle        Name = "ASTRAGO_BUILDKIT_IDLE"
	BuildKitSpace       Name = "ASTRAGO_BUILDKIT_SPACE"
	BuildKitImage       Name = "ASTRAGO_BUILDKIT_IMAGE"
	RuntimeDir          Name = "XDG_RUNTIME_DIR"
	CacheHome           Name = "XDG_CACHE_HOME"
	Sources             Name = "ASTRAGO_CI_DIR"
	Prebuilt            Name = "ASTRAGO_PREBUILT"
	TargetsURL          Name = "ASTRAGO_TARGETS_URL"
	NoColor             Name = "NO_COLOR"
	Term                Name = "TERM"
	ArgoCDServer        Name = "ARGOCD_SERVER"
	ArgoCDToken         Name = "ARGOCD_AUTH_TOKEN"
	ArgoCDServerCRT     Name = "ARGOCD_SERVER_CRT"
	ArgoCDInsecure      Name = "ARGOCD_INSECURE"
	IdentityURL         Name = "ACTIONS_ID_TOKEN_REQUEST_URL"
	IdentityToken       Name = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"
	GitHubToken         Name = "GITHUB_TOKEN"
	SourceDateEpoch     Name = "SOURCE_DATE_EPOCH"
	NotifyURLs          Name = "ASTRAGO_NOTIFY_URLS"
	TracesEndpoint      Name = "OTEL_EXPORTER_OTLP_ENDPOINT"
	TracesProtocol      Name = "OTEL_EXPORTER_OTLP_PROTOCOL"
	TracesHeaders       Name = "OTEL_EXPORTER_OTLP_HEADERS"
	TracesService       Name = "OTEL_SERVICE_NAME"
	TracesAttributes    Name = "OTEL_RESOURCE_ATTRIBUTES"
	TraceParent         Name = "TRACEPARENT"
	TraceState          Name = "TRACESTATE"
	LogFormat           Name = "LOG_FORMAT"
	Verbose             Name = "MAGEFILE_VERBOSE"
)

// Variable is a row of the table that `mage vars` prints.
type Variable struct {
	Name    Name
	Meaning string
	Secret  bool   // the value is masked wherever it would show
	Default string // what is used where it is not set; empty means nothing
}

// Table lists every variable that a target reads, in the order in which a reader wants them.
func Table() []Variable {
	return slices.Concat(registries(), services(), workflow(), machine(), telemetry())
}

// registries returns the variables of image registries.
func registries() []Variable {
	return []Variable{
		{RegistryToken, "password for the image registry: GITHUB_TOKEN of a workflow with packages: write, or a classic token with " +
			"write:packages", true, "the docker config and its credential helpers"},
		{RegistryUser, "user for the image registry", false, "GITHUB_ACTOR"},
		{RegistryHost, "the registry that GHCR_TOKEN is for, host[:port]: no other gets it", false, "ghcr.io"},
		{
			HostToken, "password for one registry, which no other gets; its host in capitals, with _ for . and :, __ for a hyphen", true,
			"the docker config and its credential helpers",
		},
		{HostUser, "user for that registry, such as robot$project+name of Harbor", false, "x-access-token"},
		{Actor, "account that started the workflow; the registry user where GHCR_USER is not set", false, ""},
		{TriggeringActor, "account that started or re-ran this run: named in commits and holds", false, "GITHUB_ACTOR"},
		{DockerConfig, "directory of the docker config", false, "~/.docker"},
		{
			CertsDir, "directory with one for each registry (certs.d): authorities, client certificates, plain HTTP, mirrors; outside of " +
				"the repository", false, "/etc/containerd/certs.d, /etc/docker/certs.d; both count behind it, too",
		},
	}
}

// services are accounts and addresses of others.
func services() []Variable {
	return []Variable{
		{DeployToken, "token for the deployment repository: contents read and write, for deploy.mode pull-request also pull requests " +
			"read and write", true, ""},
		{DeployAppID, "App ID or Client ID of a GitHub App that deploys in place of DEPLOY_TOKEN: it gets tokens of an hour for one " +
			"deployment repository each", false, ""},
		{DeployAppKey, "a private key of this App, in PEM: a file, or its content", true, ""},
		{
			DeployReadToken, "token for the deployment repository, contents read: what changes nothing (status, hold, -dryRun) takes it " +
				"where DEPLOY_TOKEN is not set, and does not look whether it may write and push", true, "",
		},
		{
			GitHubToken, "token for the application repository, contents read: tells whether a newer build is deployed where the clone " +
				"is shallow; in a workflow also deployments write and statuses write: shows the run beside the commit", true,
			"DEPLOY_TOKEN or the GitHub App, if that may see it",
		},
		{NotifyURLs, "addresses that notify: in astrago.yaml sends to, separated by white space: webhook URLs as Slack, Discord or " +
			"Teams show them, slack://, smtp://, generic+https://", true, ""},
		{ArgoCDToken, "token for Argo CD, of an account or a project's role that may get the application: release then waits until it is " +
			"live", true, ""},
		{ArgoCDServer, "Argo CD's address, host[:port] or a URL", false, "outside of workflows argocd.server in astrago.yaml"},
		{ArgoCDServerCRT, "certificate that signed Argo CD's, in PEM: a file, or its content", false, "the system's"},
		{ArgoCDInsecure, "true: take any certificate of Argo CD", false, "false"},
	}
}

// workflow is which GitHub there is, and what a workflow says of itself.
func workflow() []Variable {
	return []Variable{
		{APIURL, "GitHub's API", false, "https://api.github.com"},
		{ServerURL, "GitHub's web address, for links", false, "https://github.com"},
		{SHA, "the commit that the workflow runs for; must be what is checked out", false, ""},
		{Ref, "what the workflow runs for, with its kind: refs/heads/… or refs/tags/…", false, "the branch that is checked out"},
		{RefName, "branch or tag of a detached checkout, by its short name", false, "the branch that is checked out"},
		{RefType, "branch or tag: what GITHUB_REF_NAME is, where GITHUB_REF does not say it", false, "branch"},
		{BaseRef, "the branch that a pull request is for: build and plan take it for the branch", false, ""},
		{Repository, "owner/name of the application repository", false, "the remote origin"},
		{RunID, "id of the workflow run, for links", false, ""},
		{IdentityURL, "where a job with id-token: write asks for its identity, for argocd.auth: oidc", false, ""},
		{IdentityToken, "token for that request; set by GitHub", true, ""},
		{Actions, "true in a GitHub workflow: groups and annotations in the output, and load: auto loads nothing", false, ""},
		{StepSummary, "file for the job summary", false, ""},
		{Output, "file for the step's outputs", false, ""},
	}
}

// machine returns the variables of this machine's builds and of this process.
func machine() []Variable {
	return []Variable{
		{BuildKitHost, "addresses of BuildKit daemons, with commas: unix://, tcp://, ssh://, docker-container://, podman-container://, " +
			"kube-pod://", false, "the container astrago-ci-buildkit in Docker, else a local socket, else a daemon started by astrago-ci"},
		{BuildKitCA, "PEM file of the authority that signed a tcp:// daemon's certificate; ?cacert=, cert=, key= and servername= of an " +
			"address override these three", false, "the system's"},
		{BuildKitCert, "PEM file of the client's certificate for tcp:// daemons", false, ""},
		{BuildKitKey, "PEM file of its key", false, ""},
		{BuildKitIdle, "how long a daemon started by astrago-ci stays up without a command that uses it, such as 30m", false, "10m"},
		{BuildKitSpace, "disk space above which it drops what was not used for longest, such as 50GB", false, "25GB"},
		{BuildKitImage, "image of the container astrago-ci-buildkit in Docker", false, "moby/buildkit:v0.34.2"},
		{
			DockerHost, "address of the Docker that loads what was built (unix://, tcp://)", false,
			"docker's current context, else /var/run/docker.sock",
		},
		{DockerContext, "docker's context, where DOCKER_HOST is not set", false, "the one that docker's configuration names"},
		{DockerTLSVerify, "any value: TLS with Docker over tcp://", false, ""},
		{DockerCertPath, "directory with ca.pem, cert.pem and key.pem for it", false, "DOCKER_CONFIG"},
		{ContainerdAddress, "socket of the containerd that loads what was built", false, "/run/containerd/containerd.sock"},
		{ContainerdNamespace, "its namespace; Kubernetes has k8s.io", false, "default"},
		{SourceDateEpoch, "time stamped into images, in seconds since 1970", false, "the commit's time"},
		{RuntimeDir, "where a rootless BuildKit has its socket", false, ""},
		{CacheHome, "where compiled targets, tools and the build cache are kept, below astrago-ci/", false, "~/.cache"},
		{Prebuilt, "off: scripts/mage compiles the targets, and fetches none that were released", false, "on"},
		{
			TargetsURL, "where scripts/mage fetches released targets: https://, http:// or a directory, with vVERSION/ below it", false,
			"the release of ci/",
		},
		{Sources, "directory of astrago-ci, which pins the tools; scripts/mage sets it", false, "where the targets were compiled"},
		{NoColor, "any value: no colour", false, ""},
		{Term, "dumb: no colour, no live display", false, ""},
	}
}

// telemetry returns the variables of traces and logs, by OpenTelemetry's names; the last two are the logs'.
func telemetry() []Variable {
	return []Variable{
		{
			TracesEndpoint, "URL of an OpenTelemetry collector, such as http://localhost:4318: each run is sent there as a trace", false,
			"no traces",
		},
		{TracesProtocol, "how it is spoken to: http/protobuf or grpc", false, "http/protobuf"},
		{TracesHeaders, "headers for it, such as authorization=Bearer%20TOKEN, with commas", true, ""},
		{TracesService, "name of the service in the spans", false, "astrago-ci"},
		{TracesAttributes, "more attributes of every span, key=value with commas", false, ""},
		{TraceParent, "the span that a run belongs to, as the W3C writes it: its trace goes on", false, "a trace of its own"},
		{TraceState, "what vendors add to that", false, ""},
		{LogFormat, "json: the records of -v and -vv are JSON, one a line", false, "key=value"},
		{Verbose, "true: as -v; mage itself sets it", false, "false"},
	}
}

func isSecret(name Name) bool {
	return slices.ContainsFunc(Table(), func(v Variable) bool { return v.Name == name && v.Secret })
}

// Row is one variable with what to show of its value.
type Row struct {
	Variable
	Set   bool
	Shown string // the value, or a mask that tells only that there is one
}

// Rows returns the table with this process's values, secrets masked.
func (v Vars) Rows() []Row {
	table := Table()
	rows := make([]Row, 0, len(table))
	for _, variable := range table {
		rows = append(rows, v.row(variable))
		for _, end := range slices.Sorted(maps.Keys(v.ByHost(variable.Name))) {
			variable.Name = Name(variable.Name.prefix() + end)
			rows = append(rows, v.row(variable))
		}
	}
	return rows
}

func (v Vars) row(variable Variable) Row {
	value, ok := v.Lookup(string(variable.Name))
	shown := value
	if variable.Secret && value != "" {
		shown = "***"
	}
	return Row{Variable: variable, Set: ok && value != "", Shown: shown}
}
