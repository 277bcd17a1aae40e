package diagnosis

import (
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
)

// refusalPolicy is a rule of an organisation or a repository that GitHub names in its refusal, and the way that leads past it. A token's
// permissions change nothing about it.
type refusalPolicy struct {
	signs  []string // of GitHub's text, in lower case
	what   string
	remedy string // where {token} and {owner} stand for what the request was made as
	app    string // the remedy where that is an App; empty: the same
}

// remedyFor returns what to do where the request was made as an identity.
func (p refusalPolicy) remedyFor(by identity) string {
	if by.App && p.app != "" {
		return by.fill(p.app)
	}
	return by.fill(p.remedy)
}

// accessPolicies limit access.
var accessPolicies = []refusalPolicy{
	{
		signs:  []string{"saml"},
		what:   "the organisation wants single sign-on",
		remedy: "authorise the token for it: https://github.com/settings/tokens, Configure SSO",
	},
	{
		signs: []string{"ip allow list", "ip address"},
		what:  "the organisation's list of allowed IP addresses does not have this machine's",
		remedy: "run it on a machine whose address is on the list, or let the organisation's owner add this one (Settings, " +
			"Authentication security)",
	},
	{
		signs:  []string{"personal access token (classic)", "(classic)"},
		what:   "the organisation forbids classic personal access tokens",
		remedy: "set {token} to a fine-grained token, or to that of a GitHub App",
	},
	{
		signs:  []string{"lifetime"},
		what:   "the organisation limits how long a token lives",
		remedy: "create {token} anew with a shorter lifetime",
	},
	{
		signs:  []string{"archived"},
		what:   "the repository is archived, and takes no change",
		remedy: "unarchive it (Settings, Danger zone), or correct deploy.repository in astrago.yaml",
	},
	{
		signs:  []string{"workflow"},
		what:   "a file of workflows is to be changed, which needs a permission of its own",
		remedy: "let {token} have Workflows: write (a classic token: scope workflow), or correct deploy.file in astrago.yaml",
		app:    "correct deploy.file in astrago.yaml: values do not stand among workflows, and the App's tokens do not reach those",
	},
}

// rulePolicies are rules that no bypass of branch protection is the first answer to.
var rulePolicies = []refusalPolicy{
	{
		signs: []string{"commit message must", "commit_message_pattern"},
		what:  "a rule wants another commit message",
		remedy: "word the subject as the rule wants it: `message: 'TEAM-1 {{ .Headline }}'` in `deploy` of astrago.yaml; or let {owner} " +
			"bypass the rule",
	},
	{
		signs:  []string{"author email", "author's email", "committer email", "author_email_pattern"},
		what:   "a rule is about the commit's author or committer",
		remedy: "set {token} to one of an account that the rule takes, or let its owner bypass the rule",
		app:    "let {owner} bypass the rule",
	},
	{
		signs:  []string{"secret detected", "push cannot contain secrets", "secret_scanning"},
		what:   "push protection found a secret in the file",
		remedy: "take the secret out of the values file; or allow it once at the address that GitHub names",
	},
	{
		signs:  []string{"file path", "restricted path"},
		what:   "a rule restricts the file's path",
		remedy: "let {owner} bypass the rule, or put the values into a file that it does not restrict",
	},
	{
		signs:  []string{"locked branch", "branch is locked", "lock_branch"},
		what:   "the branch is locked, and takes no change from anybody",
		remedy: "unlock it (Settings, Branches), or correct deploy.branch in astrago.yaml",
	},
	{
		signs:  []string{"verified signature", "signed commits"},
		what:   "a rule wants signed commits",
		remedy: "use `api: graphql`, whose commits GitHub signs, or the token of a GitHub App",
		app:    "use `api: graphql`, whose commits GitHub signs",
	},
}

// policyOf finds the policy that a refusal names.
func policyOf(policies []refusalPolicy, text string) (refusalPolicy, bool) {
	lower := strings.ToLower(text)
	for _, p := range policies {
		for _, sign := range p.signs {
			if strings.Contains(lower, sign) {
				return p, true
			}
		}
	}
	return refusalPolicy{}, false
}

// RuleRemedy returns what to do about the rule that a refusal names, false where it names none that is known.
func RuleRemedy(err error) (string, bool) {
	p, found := policyOf(rulePolicies, err.Error())
	return p.remedyFor(identity(github.IdentityOf(err))), found
}
