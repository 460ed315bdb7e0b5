// SPDX-License-Identifier: GPL-2.0-only

#include "isac-gnn-test-weights.h"

#include "ns3/isac-gnn-architecture.h"
#include "ns3/isac-gnn-weights.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <limits>
#include <sstream>
#include <unistd.h>

using namespace ns3;

namespace
{

/// A folder of its own for every test, removed afterwards.
class IsacGnnWeightFile : public testing::Test
{
  protected:
    void SetUp() override
    {
        m_folder = std::filesystem::temp_directory_path() /
                   ("cellfree-isac-weights-" + std::to_string(getpid()));
        std::filesystem::create_directories(m_folder);
    }

    void TearDown() override
    {
        std::filesystem::remove_all(m_folder);
    }

    /// Path of a file in the folder.
    std::string Path(const std::string& name) const
    {
        return (m_folder / name).string();
    }

    /// Writes a file and returns what Load() says about it.
    std::string LoadBytes(const std::string& bytes)
    {
        const auto path = Path("damaged.safetensors");
        std::ofstream(path, std::ios::binary) << bytes;
        IsacGnnWeights weights;
        return weights.Load(path);
    }

    /// A file from a header and data, with the right header length.
    static std::string MakeFile(const std::string& header, const std::string& data)
    {
        std::string bytes;
        for (int i = 0; i < 8; ++i)
        {
            bytes.push_back(static_cast<char>(header.size() >> (8 * i) & 0xff));
        }
        return bytes + header + data;
    }

    static std::string ReadBytes(const std::string& path)
    {
        std::ifstream stream(path, std::ios::binary);
        std::ostringstream buffer;
        buffer << stream.rdbuf();
        return buffer.str();
    }

    std::filesystem::path m_folder; //!< the folder
};

/// Expects an error that contains a text.
void
ExpectError(const std::string& error, const std::string& text)
{
    EXPECT_NE(error.find(text), std::string::npos) << "error: '" << error << "'";
    EXPECT_EQ(error.find('\n'), std::string::npos);
}

/// Two numbers, 1.0 and -2.0, in single precision.
const std::string TWO_FLOATS("\x00\x00\x80\x3f\x00\x00\x00\xc0", 8);

} // namespace

TEST_F(IsacGnnWeightFile, ReadsBytesWrittenByHand)
{
    const auto error = LoadBytes(MakeFile(
        R"({"__metadata__":{"k":"v"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]}})",
        TWO_FLOATS));
    ASSERT_EQ(error, "");
    IsacGnnWeights weights;
    ASSERT_EQ(weights.Load(Path("damaged.safetensors")), "");
    EXPECT_EQ(weights.metadata.at("k"), "v");
    EXPECT_EQ(weights.tensors.at("x").shape, (std::vector<int64_t>{1, 2}));
    EXPECT_EQ(weights.tensors.at("x").values, (std::vector<float>{1.0F, -2.0F}));
}

TEST_F(IsacGnnWeightFile, SaveLoadSaveGivesEqualBytes)
{
    const auto weights = DrawGnnWeights({}, 1);
    for (auto precision : {IsacGnnWeights::F32, IsacGnnWeights::F16})
    {
        ASSERT_EQ(weights.Save(Path("a"), precision), "");
        IsacGnnWeights loaded;
        ASSERT_EQ(loaded.Load(Path("a")), "");
        ASSERT_EQ(loaded.Save(Path("b"), precision), "");
        EXPECT_EQ(ReadBytes(Path("a")), ReadBytes(Path("b")));
        EXPECT_EQ(loaded.metadata, weights.metadata);
        ASSERT_EQ(loaded.tensors.size(), weights.tensors.size());
        for (const auto& [name, tensor] : weights.tensors)
        {
            ASSERT_EQ(loaded.tensors.at(name).shape, tensor.shape);
            for (size_t i = 0; i < tensor.values.size(); ++i)
            {
                // Half precision keeps 11 bits.
                const float tolerance = precision == IsacGnnWeights::F16
                                            ? std::abs(tensor.values[i]) / 2048 + 3e-8F
                                            : 0.0F;
                ASSERT_NEAR(loaded.tensors.at(name).values[i], tensor.values[i], tolerance);
            }
        }
    }
    EXPECT_EQ((ReadBytes(Path("a")).size() - 8) % 2, 0U);
    EXPECT_FALSE(std::filesystem::exists(Path("a.part")));
}

TEST_F(IsacGnnWeightFile, SaysWhatIsWrongWithADamagedFile)
{
    const auto good =
        MakeFile(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", TWO_FLOATS);
    ASSERT_EQ(LoadBytes(good), "");
    ExpectError(LoadBytes(""), "0 bytes");
    ExpectError(LoadBytes(good.substr(0, 5)), "5 bytes");
    ExpectError(LoadBytes(good.substr(0, 20)), "header length");
    ExpectError(LoadBytes(good.substr(0, good.size() - 1)), "fit into the file");
    ExpectError(LoadBytes(good + "x"), "9 bytes of data: expected 8");
    ExpectError(LoadBytes(std::string(8, '\xff') + good.substr(8)), "header length");
    ExpectError(LoadBytes("\x89PNG\r\n\x1a\n and so on, not this format at all"), "header length");
    ExpectError(LoadBytes(MakeFile("not JSON", "")), "JSON");
    ExpectError(LoadBytes(MakeFile("[]", "")), "JSON");
    const auto entry = [&](const std::string& text) {
        return LoadBytes(MakeFile("{\"x\":" + text + "}", TWO_FLOATS));
    };
    ExpectError(entry("3"), "tensor 'x'");
    ExpectError(entry(R"({"dtype":"F32","shape":[2]})"), "data_offsets");
    ExpectError(entry(R"({"dtype":"F64","shape":[1],"data_offsets":[0,8]})"), "dtype = \"F64\"");
    ExpectError(entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), "shape");
    ExpectError(entry(R"({"dtype":"F32","shape":[1],"data_offsets":[0,8]})"), "expected 4 bytes");
    ExpectError(entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), "shape");
    ExpectError(entry(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"), "shape");
    ExpectError(entry(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]})"),
                "shape");
    ExpectError(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0,9]})"), "data_offsets");
    ExpectError(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), "data_offsets");
    ExpectError(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[-1,7]})"), "data_offsets");
    ExpectError(entry(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})"), "begins at 4");
    // Two arrays that overlap.
    ExpectError(LoadBytes(MakeFile(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                                   R"("y":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
                                   TWO_FLOATS)),
                "begins at 4: expected 8");
    ExpectError(LoadBytes(MakeFile(R"({"__metadata__":{"k":1}})", "")), "__metadata__.k");
    const std::string nan("\x00\x00\xc0\x7f\x00\x00\x00\x00", 8);
    ExpectError(
        LoadBytes(MakeFile(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", nan)),
        "number 0 is not finite");
    const std::string infinity("\x00\x7c", 2);
    ExpectError(
        LoadBytes(MakeFile(R"({"x":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})", infinity)),
        "not finite");
    IsacGnnWeights weights;
    ExpectError(weights.Load(Path("none")), "does not exist");
    ExpectError(weights.Load(m_folder.string()), "not a regular file");
}

TEST_F(IsacGnnWeightFile, RefusesToSaveWhatItCouldNotLoad)
{
    IsacGnnWeights weights;
    weights.tensors["x"] = {{2}, {1.0F, std::numeric_limits<float>::infinity()}};
    ExpectError(weights.Save(Path("a")), "not finite");
    weights.tensors["x"] = {{2}, {1.0F, 1e6F}};
    EXPECT_EQ(weights.Save(Path("a"), IsacGnnWeights::F32), "");
    ExpectError(weights.Save(Path("a"), IsacGnnWeights::F16), "not finite");
    ExpectError(weights.Save(Path("none/a")), "cannot be written");
    weights.tensors["x"] = {{3}, {1.0F, 2.0F}};
    ExpectError(weights.Save(Path("a")), "shape");
}

TEST(IsacGnnArchitecture, ReadsWhatItWrites)
{
    IsacGnnArchitecture written;
    written.linkWidth = 5;
    written.nodeWidth = 7;
    written.layers = {1, 3};
    IsacGnnArchitecture read;
    ASSERT_EQ(read.Read(DrawGnnWeights(written, 2)), "");
    EXPECT_EQ(read.linkWidth, 5);
    EXPECT_EQ(read.nodeWidth, 7);
    EXPECT_EQ(read.layers, written.layers);
}

TEST(IsacGnnArchitecture, SaysWhatDoesNotFit)
{
    const auto good = DrawGnnWeights({}, 3);
    IsacGnnArchitecture architecture;
    const auto with = [&](const char* key, const char* value) {
        auto weights = good;
        weights.metadata[key] = value;
        return architecture.Read(weights);
    };
    ExpectError(with("format_version", "1"), "format_version = 1: expected 3 (train again");
    ExpectError(with("head", "other"), "head = other");
    ExpectError(with("link_width", "0"), "link_width = 0");
    ExpectError(with("node_width", "12345678901234567890"), "node_width");
    ExpectError(with("layers", "2,,1"), "layers");
    ExpectError(with("layers", ""), "layers");
    ExpectError(with("link_width", "31"), "expected [18 31 ]");
    auto weights = good;
    weights.metadata.erase("head");
    ExpectError(architecture.Read(weights), "head = (missing)");
    weights = good;
    weights.tensors.erase("stage1.output.ue.bias");
    ExpectError(architecture.Read(weights), "'stage1.output.ue.bias' is missing");
    weights = good;
    weights.tensors["extra"] = {{1}, {0.0F}};
    ExpectError(architecture.Read(weights), "tensors: expected");
    weights = good;
    weights.tensors["stage0.encode.ap.weight"].shape = {64, 13};
    ExpectError(architecture.Read(weights), "has shape [64 13 ]: expected [15 64 ]");
}
