package cli

import "github.com/xiilab/astrago-ci/magefiles/internal/report"

// Command is a command by its properties, as its flags make it: what all commands share asks for these, never for a name.
type Command struct {
	Name      report.Command
	Arguments Arguments // its flags as a person would type them, but for -env

	Pushes         bool // puts images or tags into registries
	DeploysCommit  bool // deploys images of the commit that is checked out
	Redeploys      bool // changes an environment with images that exist
	TakesProposals bool // takes a pull request for the branch that it is proposed to, as nothing is deployed

	NeedsCleanTree bool // refuses a tree that differs from the commit, which is found out while the network is asked
	ReadOnly       bool // changes nothing this time: there is nothing to keep a report of or to send
	PrintsItself   bool // its result is no report of what it did
	Unreported     bool // leaves no report, whatever becomes of it

	ReportsToGitHub bool // shows beside the commit that it deploys
	Quiet           bool // sends no messages
	FailureOnly     bool // its success is no news: what comes after it deploys
	ResumesRefused  bool // names the command that continues it also where a guard refuses
}
