package build

// What tests of answers need.
var (
	Descriptor  = descriptor
	VerifyImage = verifyImage
)
