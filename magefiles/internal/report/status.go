package report

import (
	"io"

	"github.com/xiilab/astrago-ci/magefiles/internal/status"
)

// StatusJSON writes a status as one indented JSON document.
func StatusJSON(w io.Writer, s status.Status) error { return WriteDocument(w, s) }
