package config

import (
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/config/grammar"
	"github.com/xiilab/astrago-ci/magefiles/internal/yamlschema"
)

// API is the interface of GitHub that commits.
type API string

// The interfaces. GraphQL commits are signed by GitHub whatever the kind of token, and take fewer round trips.
const (
	APIGraphQL API = "graphql"
	APIREST    API = "rest"
)

// Divergence says whether a commit may replace one that is on another line of history, such as a hotfix.
type Divergence string

// The answers.
const (
	DivergedAllow  Divergence = "allow" // and say so
	DivergedRefuse Divergence = "refuse"
)

// Unchanged says what becomes of the values of a component whose image is the deployed one.
type Unchanged string

// The answers.
const (
	UnchangedSet  Unchanged = "set"  // they name the new commit's tag: every commit has its own
	UnchangedKeep Unchanged = "keep" // they keep the tag that they have, so that no pod restarts
)

// Mode is the way of a change onto the branch of a deployment repository.
type Mode string

// The modes.
const (
	ModeCommit      Mode = "commit"
	ModePullRequest Mode = "pull-request"
)

// MergeMethod is GitHub's method of merging a pull request.
type MergeMethod string

// The methods. Squash leaves the same single commit on the branch that ModeCommit makes.
const (
	MergeSquash MergeMethod = "squash"
	MergeMerge  MergeMethod = "merge"
	MergeRebase MergeMethod = "rebase"
)

// PullRequest holds the settings of a pull request besides its content.
type PullRequest struct {
	Labels      []string
	Reviewers   []string // login, or organisation/team
	AutoMerge   bool     // merge as soon as the branch's rules allow it
	MergeMethod MergeMethod
}

func decodeDeploy(d *yamlschema.Decoder, v yamlschema.Value) Deploy {
	target := Deploy{Line: v.Line, Column: v.Column}
	seen := d.Mapping(v.Node, v, slices.Concat(valueFields(d, &target), commitFields(d, &target))...)
	if seen["pullRequest"] && (target.Mode == ModeCommit || !seen["mode"]) {
		d.ReportAt(v.Node, "write `mode: pull-request` beside it, or remove `pullRequest`",
			"%s.pullRequest has no effect on direct commits", v.Path)
	}
	return target
}

// valueFields are the keys that say what is set where.
func valueFields(d *yamlschema.Decoder, target *Deploy) []yamlschema.Field {
	return []yamlschema.Field{
		yamlschema.Required("repository", "The deployment repository, owner/name.", d.String(&target.Repository, grammar.Repository)),
		yamlschema.Required("branch", "Its branch, by its short name.", d.String(&target.Branch, grammar.Branch)),
		yamlschema.Required("file", "Path of the YAML file in it whose values are set.", d.String(&target.File, grammar.FilePath)),
		yamlschema.Required("set", "yq expression that gives an existing string a new value, run for each component, with the fields "+
			fieldList(setFields)+"; one, or a list.",
			d.List(true, func(v yamlschema.Value) {
				var t Template
				decodeTemplate(d, &t, setFields)(v)
				target.Set = append(target.Set, t)
			})),
		yamlschema.Optional("components", "Components that the file has; one, or a list. No value is set for the others.", "all",
			decodeEntryComponents(d, target)),
		yamlschema.Optional("shared", "`set` may set a value that aliases repeat elsewhere in the file (`&anchor`, `*anchor`): all of "+
			"its places change.", "false", d.Bool(&target.Shared)),
		yamlschema.Optional("create", "`set` may add one missing key to a mapping that exists.", "false", d.Bool(&target.Create)),
		yamlschema.Optional("check", "What must still render with the change, before it is committed; one, or a list.", "none",
			d.List(true, func(v yamlschema.Value) { target.Checks = append(target.Checks, decodeCheck(d, v)) })),
	}
}

// commitFields are the keys that say how a change gets onto the branch.
func commitFields(d *yamlschema.Decoder, target *Deploy) []yamlschema.Field {
	return []yamlschema.Field{
		yamlschema.Optional("mode", "How the change gets onto the branch: a commit on it, or a pull request.", string(ModeCommit),
			yamlschema.Choice(d, &target.Mode, ModeCommit, ModePullRequest)),
		yamlschema.Optional("pullRequest", "What a pull request gets beside its content; only with `mode: pull-request`.", "nothing",
			func(v yamlschema.Value) { target.PullRequest = decodePullRequest(d, v) }),
		yamlschema.Optional("api", "Which of GitHub's interfaces commits; commits by GraphQL are signed by GitHub.", string(APIGraphQL),
			yamlschema.Choice(d, &target.API, APIGraphQL, APIREST)),
		yamlschema.Optional("diverged", "Whether a commit may replace one that is on another line of history, such as a hotfix.",
			string(DivergedAllow),
			yamlschema.Choice(d, &target.Diverged, DivergedAllow, DivergedRefuse)),
		yamlschema.Optional("unchanged", "What becomes of the values of a component whose image is the deployed one: `set` gives them "+
			"the new tag, `keep` leaves them, so that no pod restarts.",
			string(UnchangedSet), yamlschema.Choice(d, &target.Unchanged, UnchangedSet, UnchangedKeep)),
		yamlschema.Optional("message", "First line of the commit's message, and title of the pull request, with the fields "+
			fieldList(messageFields)+"; the text and the trailers below stay.",
			"{{ .Headline }}", decodeTemplate(d, &target.Message, messageFields)),
	}
}

func decodePullRequest(d *yamlschema.Decoder, v yamlschema.Value) PullRequest {
	var p PullRequest
	d.Mapping(v.Node, v,
		yamlschema.Optional("labels", "Labels of the pull request; one, or a list.", "none", d.Strings(&p.Labels, true, grammar.Label)),
		yamlschema.Optional("reviewers", "Accounts or teams (organisation/team) to request a review from; one, or a list.", "none",
			d.Strings(&p.Reviewers, true, reviewerGrammar)),
		yamlschema.Optional("autoMerge", "Merge as soon as the branch's rules allow it.", "false", d.Bool(&p.AutoMerge)),
		yamlschema.Optional("mergeMethod", "How GitHub merges it.", string(MergeSquash),
			yamlschema.Choice(d, &p.MergeMethod, MergeSquash, MergeMerge, MergeRebase)),
	)
	return p
}

var reviewerGrammar = yamlschema.Matching("reviewer", `[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)?`,
	"a login, or organisation/team")
