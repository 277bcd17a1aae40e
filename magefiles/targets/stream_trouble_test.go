package targets_test

// trouble is what happens to one process.
type trouble struct {
	kind string
	nth  int // request or line that it happens at, from 1
}

// The kinds of troubles. Those of GitHub's mutation meet the nth attempt to commit, others the nth request or line.
const (
	lostRequest    = "502 for a request to GitHub"
	lostMutation   = "502 for the commit"
	lateMutation   = "502 after the commit"
	cutMutation    = "cut after the commit"
	revertedAfter  = "cut after the commit, which a colleague reverts"
	editBefore     = "a colleague commits before the commit"
	slowGitHub     = "a slow GitHub"
	endedToken     = "the App's tokens end at a request to GitHub"
	endedAfter     = "the App's tokens end after the commit, and its answer is lost"
	suspension     = "the App is suspended"
	withdrawal     = "the App may no longer write"
	uninstallation = "the App is uninstalled"
	killBefore     = "killed before the commit"
	killDuring     = "killed while the commit is made"
	killAfter      = "killed after the commit"
	killRequest    = "killed at a request to GitHub"
	terminate      = "SIGTERM at a request to GitHub"
	killRegistry   = "killed at a request to the registry"
	killLine       = "killed at a line of output"
	registry502    = "502 of the registry"
	registryCut    = "reset by the registry"
	registrySlow   = "a slow registry"
)

var (
	kills  = []string{killBefore, killDuring, killAfter, killRequest, killRegistry, killRegistry, killLine, killLine, terminate}
	faults = []string{
		lostRequest, lostMutation, lateMutation, cutMutation, revertedAfter, revertedAfter, editBefore, editBefore, slowGitHub, registry502, registryCut, registrySlow,
		endedToken, endedToken, endedAfter, suspension, withdrawal, uninstallation,
	}
	ofApps = []string{endedToken, endedAfter, suspension, withdrawal, uninstallation}
)

// troubles are none for half of the operations, else up to two kills and what may follow them.
func (g *generator) troubles() []trouble {
	if g.oneIn(2) {
		return nil
	}
	var list []trouble
	for range pick(g, []int{0, 0, 1, 1, 2}) {
		list = append(list, g.trouble(pick(g, kills)))
	}
	if len(list) == 0 || g.oneIn(2) {
		list = append(list, g.trouble(pick(g, faults)))
	}
	return list
}

func (g *generator) trouble(kind string) trouble {
	switch kind {
	case lostRequest, slowGitHub, killRequest, terminate, endedToken, suspension, withdrawal, uninstallation:
		return trouble{kind, 1 + g.IntN(5)}
	case killLine:
		return trouble{kind, 1 + g.IntN(12)}
	case registry502, registryCut, registrySlow, killRegistry:
		return trouble{kind, 1 + g.IntN(30)}
	}
	return trouble{kind, 1}
}
