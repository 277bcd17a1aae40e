package diagnosis

import "strings"

// refusalPolicy is a rule of an organisation or a repository that GitHub names in its refusal, and the way that leads past it. A token's
// permissions change nothing about it.
type refusalPolicy struct {
	signs  []string // of GitHub's text, in lower case
	what   string
	remedy string
}

// accessPolicies limit access.
var accessPolicies = []refusalPolicy{
	{
		[]string{"saml"},
		"the organisation wants single sign-on",
		"authorise the token for it: https://github.com/settings/tokens, Configure SSO",
	},
	{
		[]string{"ip allow list", "ip address"},
		"the organisation's list of allowed IP addresses does not have this machine's",
		"run it on a machine whose address is on the list, or let the organisation's owner add this one (Settings, Authentication " +
			"security)",
	},
	{
		[]string{"personal access token (classic)", "(classic)"},
		"the organisation forbids classic personal access tokens",
		"set DEPLOY_TOKEN to a fine-grained token, or to that of a GitHub App",
	},
	{[]string{"lifetime"}, "the organisation limits how long a token lives", "create DEPLOY_TOKEN anew with a shorter lifetime"},
	{
		[]string{"archived"},
		"the repository is archived, and takes no change",
		"unarchive it (Settings, Danger zone), or correct deploy.repository in astrago.yaml",
	},
	{
		[]string{"workflow"},
		"a file of workflows is to be changed, which needs a permission of its own",
		"let DEPLOY_TOKEN have Workflows: write (a classic token: scope workflow), or correct deploy.file in astrago.yaml",
	},
}

// rulePolicies are rules that no bypass of branch protection is the first answer to.
var rulePolicies = []refusalPolicy{
	{
		[]string{"commit message must", "commit_message_pattern"},
		"a rule wants another commit message",
		"word the subject as the rule wants it: `message: 'TEAM-1 {{ .Headline }}'` in `deploy` of astrago.yaml; or let the token's " +
			"owner bypass the rule",
	},
	{
		[]string{"author email", "author's email", "committer email", "author_email_pattern"},
		"a rule is about the commit's author or committer",
		"set DEPLOY_TOKEN to one of an account that the rule takes, or let its owner bypass the rule",
	},
	{
		[]string{"secret detected", "push cannot contain secrets", "secret_scanning"},
		"push protection found a secret in the file",
		"take the secret out of the values file; or allow it once at the address that GitHub names",
	},
	{
		[]string{"file path", "restricted path"},
		"a rule restricts the file's path",
		"let the token's owner bypass the rule, or put the values into a file that it does not restrict",
	},
	{
		[]string{"locked branch", "branch is locked", "lock_branch"},
		"the branch is locked, and takes no change from anybody",
		"unlock it (Settings, Branches), or correct deploy.branch in astrago.yaml",
	},
	{
		[]string{"verified signature", "signed commits"},
		"a rule wants signed commits",
		"use `api: graphql`, whose commits GitHub signs, or the token of a GitHub App",
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
func RuleRemedy(text string) (string, bool) {
	p, found := policyOf(rulePolicies, text)
	return p.remedy, found
}
