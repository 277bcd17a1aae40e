// Package prebuilt builds the shared targets for every platform as releases carry them, and records their sums for scripts/mage,
// which fetches no other.
package prebuilt

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// SumsPath is the path of the sums in this repository. The content that they are of leaves that file out.
const SumsPath = "scripts/targets.sum"

// Sums are the checksums of the compiled targets of one content.
type Sums struct {
	Content  string // name of the content, as `scripts/mage -content` prints it
	From     string // address below which releases are, without the version
	Programs []Program
}

// Program is the targets for one platform.
type Program struct {
	Platform string // such as linux-amd64
	SHA256   string // of the program itself, in hex: how it is packed is no part of what it is
	Size     int64
}

// AssetName is the name under which a release has the program, packed by gzip.
func (p Program) AssetName() string { return "targets-" + p.Platform + ".gz" }

// String is the file of these sums.
func (s Sums) String() string {
	var b strings.Builder
	b.WriteString("# The released targets of this content: platform, SHA-256, size. `mage publish` writes them, scripts/mage reads them.\n")
	fmt.Fprintf(&b, "content %s\nfrom %s\n", s.Content, s.From)
	for _, p := range s.Programs {
		fmt.Fprintf(&b, "%s %s %d\n", p.Platform, p.SHA256, p.Size)
	}
	return b.String()
}

var (
	contentName = regexp.MustCompile(`^[0-9a-f]{40}$`)
	sha256Hex   = regexp.MustCompile(`^[0-9a-f]{64}$`)
	// releasesURL matches the addresses that scripts/mage accepts, too: nothing in it is special to a shell or to curl.
	releasesURL = regexp.MustCompile(`^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~-]+)*$`)
)

// Parse reads a file of sums.
func Parse(text string) (s Sums, err error) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
		case len(fields) == 2 && fields[0] == "content" && contentName.MatchString(fields[1]):
			s.Content = fields[1]
		case len(fields) == 2 && fields[0] == "from" && releasesURL.MatchString(fields[1]):
			s.From = fields[1]
		default:
			p, ok := parseProgram(fields)
			if !ok {
				return Sums{}, problem.New(problem.Usage, "let `mage publish` write it",
					"reading %s: %q is not a line of it", SumsPath, line)
			}
			s.Programs = append(s.Programs, p)
		}
	}
	if s.Content == "" || s.From == "" {
		return Sums{}, problem.New(problem.Usage, "let `mage publish` write it",
			"reading %s: no content, or no address", SumsPath)
	}
	return s, nil
}

func parseProgram(fields []string) (p Program, ok bool) {
	if len(fields) != 3 || !sha256Hex.MatchString(fields[1]) {
		return p, false
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	return Program{Platform: fields[0], SHA256: fields[1], Size: size}, err == nil && size > 0
}
