// SPDX-License-Identifier: GPL-2.0-only

/*
 * Writes a TorchScript file for policy torch from a source in TorchScript and the arrays of a
 * weight file: what torch.jit.save() does, where there is LibTorch but no PyTorch.
 *
 *   cellfree-isac-export --source=examples/policies/rzf_torchscript.py --out=rzf.pt
 */

#include "model/gnn/isac-gnn-torch-script.h"

#include "ns3/cell-free-command-line.h"

#include <fstream>
#include <iostream>
#include <sstream>

using namespace ns3;

int
main(int argc, char* argv[])
{
    std::string source;
    std::string weightFile;
    std::string out;
    CellFreeCommandLine cmd(__FILE__);
    cmd.Usage("Writes a TorchScript file for policy torch.");
    cmd.AddValue("source",
                 "file with the model's methods in TorchScript: def forward(self, h, a, omega, "
                 "sensing_weight, error_variance, serving)",
                 source);
    cmd.AddValue("weights",
                 "weight file (.safetensors) whose arrays the source finds in the dictionary "
                 "self.weights; empty for none",
                 weightFile);
    cmd.AddValue("out", "TorchScript file to write", out);
    cmd.Parse(argc, argv);
    cmd.RefuseIf(source.empty() ? "--source is empty: expected a file" : "");
    cmd.RefuseIf(out.empty() ? "--out is empty: expected a file" : "");

    std::ifstream file(source);
    std::ostringstream text;
    text << file.rdbuf();
    cmd.RefuseIf(file && text ? "" : "--source=" + source + ": expected a file that can be read");
    IsacGnnWeights weights;
    if (!weightFile.empty())
    {
        const auto error = weights.Load(weightFile);
        cmd.RefuseIf(error.empty() ? "" : "--weights: " + error);
    }
    const auto error = cellfree::WriteTorchScript(text.str(), weights, out);
    cmd.RefuseIf(error.empty() ? "" : "--source=" + source + ": " + error);
    std::cout << "TorchScript: " << out << '\n';
    return 0;
}
