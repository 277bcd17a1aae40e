// Package yq reads and evaluates yq expressions with yqlib, as far as an edit of a file may use them: no expression reaches the
// environment, files or processes.
package yq

import (
	"fmt"
	"log/slog"
	"sync"

	"github.com/mikefarah/yq/v4/pkg/yqlib"
)

// mutex is held while yqlib parses and evaluates: both use package variables (its lexer rewrites the type of the envsubst
// operator while it reads an expression). Decoding and proving, which take nearly all of the time, run outside of it.
var mutex sync.Mutex

// configure sets yqlib's package variables once. Expressions come from a file that others may write, so they get no
// access to the environment, to files and to processes. Merge keys follow YAML's rule that the map's own key wins.
var configure = sync.OnceFunc(func() {
	yqlib.GetLogger().SetSlogger(slog.New(slog.DiscardHandler))
	yqlib.GetLogger().SetLevel(slog.LevelError)
	yqlib.ConfiguredSecurityPreferences = yqlib.SecurityPreferences{DisableEnvOps: true, DisableFileOps: true}
	yqlib.ConfiguredYamlPreferences.FixMergeAnchorToSpec = true
	withoutXML(yqlib.XMLFormat)
	yqlib.XMLFormat = &yqlib.Format{} // by which yq would find the encoder in spite of the format's own
	yqlib.InitExpressionParser()
})

// withoutXML makes a format as it is in a binary without XML (the build tag yq_noxml of scripts/mage), so that an expression
// that yq reads only while it evaluates another, as in eval, does the same in every binary.
func withoutXML(format *yqlib.Format) {
	format.EncoderFactory = func() yqlib.Encoder { return nil }
	format.DecoderFactory = func() yqlib.Decoder { return nil }
}

// Lock configures yqlib and lets no other evaluation run until unlock is called.
func Lock() (unlock func()) {
	configure()
	mutex.Lock()
	return mutex.Unlock
}

// Recover turns a panic of a library into an error.
func Recover(err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("internal error of the YAML library: %v", r)
	}
}
