package config

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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

// Mode is how a change gets onto the branch of a deployment repository.
type Mode string

// The modes.
const (
	ModeCommit      Mode = "commit"
	ModePullRequest Mode = "pull-request"
)

// MergeMethod is how GitHub merges a pull request.
type MergeMethod string

// The methods. Squash leaves the same single commit on the branch that ModeCommit makes.
const (
	MergeSquash MergeMethod = "squash"
	MergeMerge  MergeMethod = "merge"
	MergeRebase MergeMethod = "rebase"
)

// PullRequest is what a pull request gets beside its content.
type PullRequest struct {
	Labels      []string
	Reviewers   []string // login, or organisation/team
	AutoMerge   bool     // merge as soon as the branch's rules allow it
	MergeMethod MergeMethod
}

func (d *decoder) deploy(v value) Deploy {
	target := Deploy{Line: v.Line, Column: v.Column}
	seen := d.mapping(v.Node, v, slices.Concat(d.valueFields(&target), d.commitFields(&target))...)
	if seen["pullRequest"] && (target.Mode == ModeCommit || !seen["mode"]) {
		d.reportAt(v.Node, "write `mode: pull-request` beside it, or remove `pullRequest`",
			"%s.pullRequest has no effect on direct commits", v.path)
	}
	return target
}

// valueFields are the keys that say what is set where.
func (d *decoder) valueFields(target *Deploy) []field {
	return []field{
		required("repository", "The deployment repository, owner/name.", d.str(&target.Repository, repository)),
		required("branch", "Its branch, by its short name.", d.str(&target.Branch, branch)),
		required("file", "Path of the YAML file in it whose values are set.", d.str(&target.File, filePath)),
		required("set", "yq expression that gives an existing string a new value, run for each component, with the fields "+fieldList(setFields)+"; one, or a list.",
			d.list(true, func(v value) {
				var t Template
				d.template(&t, setFields)(v)
				target.Set = append(target.Set, t)
			})),
		optional("components", "Components that the file has; one, or a list. No value is set for the others.", "all", d.components(target)),
		optional("shared", "`set` may set a value that aliases repeat elsewhere in the file (`&anchor`, `*anchor`): all of its places change.", "false", d.boolean(&target.Shared)),
		optional("create", "`set` may add one missing key to a mapping that exists.", "false", d.boolean(&target.Create)),
		optional("check", "What must still render with the change, before it is committed; one, or a list.", "none",
			d.list(true, func(v value) { target.Checks = append(target.Checks, d.check(v)) })),
	}
}

// commitFields are the keys that say how a change gets onto the branch.
func (d *decoder) commitFields(target *Deploy) []field {
	return []field{
		optional("mode", "How the change gets onto the branch: a commit on it, or a pull request.", string(ModeCommit),
			choice(d, &target.Mode, ModeCommit, ModePullRequest)),
		optional("pullRequest", "What a pull request gets beside its content; only with `mode: pull-request`.", "nothing",
			func(v value) { target.PullRequest = d.pullRequest(v) }),
		optional("api", "Which of GitHub's interfaces commits; commits by GraphQL are signed by GitHub.", string(APIGraphQL),
			choice(d, &target.API, APIGraphQL, APIREST)),
		optional("diverged", "Whether a commit may replace one that is on another line of history, such as a hotfix.", string(DivergedAllow),
			choice(d, &target.Diverged, DivergedAllow, DivergedRefuse)),
		optional("unchanged", "What becomes of the values of a component whose image is the deployed one: `set` gives them the new tag, `keep` leaves them, so that no pod restarts.",
			string(UnchangedSet), choice(d, &target.Unchanged, UnchangedSet, UnchangedKeep)),
		optional("message", "First line of the commit's message, and title of the pull request, with the fields "+fieldList(messageFields)+"; the text and the trailers below stay.",
			"{{ .Headline }}", d.template(&target.Message, messageFields)),
	}
}

func (d *decoder) pullRequest(v value) PullRequest {
	var p PullRequest
	d.mapping(v.Node, v,
		optional("labels", "Labels of the pull request; one, or a list.", "none", d.strs(&p.Labels, true, label)),
		optional("reviewers", "Who is asked for a review, login or organisation/team; one, or a list.", "nobody", d.strs(&p.Reviewers, true, reviewer)),
		optional("autoMerge", "Merge as soon as the branch's rules allow it.", "false", d.boolean(&p.AutoMerge)),
		optional("mergeMethod", "How GitHub merges it.", string(MergeSquash),
			choice(d, &p.MergeMethod, MergeSquash, MergeMerge, MergeRebase)),
	)
	return p
}

// choice decodes one of several words.
func choice[T ~string](d *decoder, into *T, words ...T) decode {
	names := make([]string, len(words))
	for i, w := range words {
		names[i] = string(w)
	}
	known := func(s string) (string, *flaw) {
		if slices.Contains(names, s) {
			return s, nil
		}
		return "", flawf(suggest(s, "values", names), "is %q, which is none of %s", s, strings.Join(names, ", "))
	}
	return func(v value) {
		if v.shape != nil {
			v.shape.describeChoice(names)
			return
		}
		text, _ := d.string(v, grammar{check: known})
		*into = T(text)
	}
}

// checkLabel wants the name of a label of GitHub, which may have spaces and emoji.
func checkLabel(s string) (string, *flaw) {
	if utf8.RuneCountInString(s) > 50 || strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, ",") {
		return "", flawf("write a name of up to 50 characters, without commas", "is %q, which is no name of a label", s)
	}
	return s, nil
}

var reviewer = matching("reviewer", `[A-Za-z0-9][A-Za-z0-9-]{0,38}(?:/[A-Za-z0-9][A-Za-z0-9_.-]*)?`,
	"a login, or organisation/team")
