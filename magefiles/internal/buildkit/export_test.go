package buildkit

// What tests of answers need.
var (
	Descriptor  = rootDescriptor
	VerifyImage = verifyImage
)
