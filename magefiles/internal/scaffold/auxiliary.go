package scaffold

import (
	"path"
	"regexp"
	"strings"
)

// auxiliaryNames are words of Dockerfiles' names, and names of their directories, whose images are for work on the repository.
var (
	auxiliaryFiles = regexp.MustCompile(`(?i)(?:^|[-_.])(?:tests?|dev|devel|develop|development|devcontainer|debug|lint|docs?|vendor|gen|` +
		`genproto|proto|protoc|cypress|playwright|e2e|ci|tilt|gitpod|dependencies|local|authors|validate|bench|` +
		`benchmark|govulncheck|git|fmt|format|windows)(?:$|[-_.])`)
	auxiliaryFolders = regexp.MustCompile(`(?i)^(?:tests?|testdata|testfiles?(?:[-_].+)?|testing|e2e|cypress|playwright|ui-tests|` +
		`fixtures?|hack|\..+|genproto|third_party|docs?|examples?|samples?|sandbox|bench(?:mark)?s?|dev|devel|` +
		`development|dev-image|dev-env|debug|lint|ci|builder|buildenv|build-image|tools?)$`)
)

// auxiliary returns why a Dockerfile is not one of an image to deploy, empty where nothing says so.
func auxiliary(name string) string {
	if word := auxiliaryFiles.FindString(path.Base(name)); word != "" {
		return "for " + strings.Trim(word, "-_.")
	}
	for element := range strings.SplitSeq(path.Dir(name), "/") {
		if element != "." && auxiliaryFolders.MatchString(element) {
			return "in " + element + "/"
		}
	}
	return ""
}
